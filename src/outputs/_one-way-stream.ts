// Texts over TCP or TLS to receivers that never say a word: GELF, Graphite, StatsD, syslog.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OutputContext } from "../core/component.ts";
import type { Connection } from "../core/network.ts";
import { type TlsFiles, loadTls } from "../core/tls-files.ts";

export interface StreamPlace {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls: TlsFiles | undefined;
}

export interface OneWayStream extends AsyncDisposable {
  /** Resolves once the text is delivered, as far as that can be known; throws as OpenOutput.write does. */
  send(text: string, signal: AbortSignal): Promise<void>;
}

/** Less than the engine's deadline, so that what is said is what was waited for. */
const exchangeMaxMs = 20_000;

/**
 * Each text has a connection of its own. That is what makes it safe: there is no acknowledgement, and what a system has
 * taken for a receiver is lost when that stops. But a receiver that has read everything answers our end with its own;
 * one that has not resets the connection.
 */
export function createConfirmedStream(place: StreamPlace, context: OutputContext): OneWayStream {
  return {
    async send(text, signal) {
      const timeout = AbortSignal.timeout(exchangeMaxMs);
      const progress = { phase: "did not accept a connection" };
      const exchange = { text, progress, signal: AbortSignal.any([signal, timeout]) };
      try {
        await sendAndConfirm(place, context, exchange);
      } catch (error) {
        const isLate = timeout.aborted && !signal.aborted;
        throw isLate ? new Error(`${nameOf(place)} ${progress.phase}`) : error;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Exchange {
  readonly text: string;
  readonly progress: { phase: string };
  readonly signal: AbortSignal;
}

async function sendAndConfirm(
  place: StreamPlace,
  context: OutputContext,
  { text, progress, signal }: Exchange,
): Promise<void> {
  await using connection = await connect(place, context, signal);
  const other = watch(connection);
  progress.phase = "accepts connections but does not read";
  await connection.write(text);
  // What the other side did before it can have read anything, such as ending, is seen by now: whole turns of the loop.
  await nextTurn();
  await nextTurn();
  if (other.hasEnded) {
    throw new Error(`${nameOf(place)} closed the connection before everything was sent`);
  }
  progress.phase =
    "does not close the connection after us, so that nobody knows what it has read; " +
    "if it is made that way, set confirm: false";
  await connection.end();
  const problem = await other.ended;
  if (problem !== undefined) {
    throw new Error(`${nameOf(place)} stopped before it had read everything`, {
      cause: problem,
    });
  }
}

/**
 * One connection is kept until it breaks. What the receiver's system took, and the receiver did not read before it
 * stopped, is lost.
 */
export function createKeptStream(place: StreamPlace, context: OutputContext): OneWayStream {
  let open: { connection: Connection; other: OtherSide; stop: AbortController } | undefined;

  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    closing?.stop.abort();
    await closing?.connection[Symbol.asyncDispose]();
  }

  return {
    async send(text, signal) {
      signal.throwIfAborted();
      if (open?.other.hasEnded === true) {
        await close();
      }
      const stop = open?.stop ?? new AbortController();
      const onAbort = (): void => stop.abort(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        if (open === undefined) {
          const connection = await connect(place, context, stop.signal);
          open = { connection, other: watch(connection), stop };
        }
        await open.connection.write(text);
      } catch (error) {
        await close();
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

async function connect(
  { host, port, tls }: StreamPlace,
  { network, files }: OutputContext,
  signal: AbortSignal,
): Promise<Connection> {
  const loaded = tls && (await loadTls(tls, files));
  return network.connect({ host, port }, { signal, ...(loaded && { tls: loaded }) });
}

interface OtherSide {
  readonly hasEnded: boolean;
  /** Resolves when it has ended: to what broke the connection, or undefined when it was closed in order. */
  readonly ended: Promise<unknown>;
}

/** Whatever a receiver says is of no interest; when it ends is. */
function watch({ chunks }: Connection): OtherSide {
  let hasEnded = false;
  const read = async (): Promise<unknown> => {
    try {
      for await (const _ of chunks) {
        // There are no answers.
      }
      return undefined;
    } catch (error) {
      return error;
    } finally {
      hasEnded = true;
    }
  };
  return {
    ended: read(),
    get hasEnded() {
      return hasEnded;
    },
  };
}

function nameOf({ host, port }: StreamPlace): string {
  return `${host}:${port}`;
}
