// GELF over TCP or TLS: texts that end with NUL, and no word from the receiver.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OutputContext } from "../core/component.ts";
import type { Connection } from "../core/network.ts";
import type { GelfBatch, GelfTransport } from "./_gelf-transport.ts";
import { type TlsFiles, loadTls } from "../core/tls-files.ts";

export interface GelfTcpOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined: without TLS. */
  readonly tls: TlsFiles | undefined;
}

/** Less than the engine's deadline, so that what is said is what was waited for. */
const exchangeMaxMs = 20_000;

/**
 * Each write has a connection of its own. That is what makes it safe: GELF has no acknowledgement, and what a system has
 * taken for a receiver is lost when that stops. But a receiver that has read everything answers our end with its own;
 * one that has not resets the connection.
 */
export function createConfirmedTcp(options: GelfTcpOptions, context: OutputContext): GelfTransport {
  return {
    async send(batches, signal) {
      const timeout = AbortSignal.timeout(exchangeMaxMs);
      const progress = { phase: "did not accept a connection" };
      const exchange = { batches, progress, signal: AbortSignal.any([signal, timeout]) };
      try {
        await sendAndConfirm(options, context, exchange);
      } catch (error) {
        const isLate = timeout.aborted && !signal.aborted;
        throw isLate ? new Error(`${placeOf(options)} ${progress.phase}`) : error;
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Exchange {
  readonly batches: readonly GelfBatch[];
  readonly progress: { phase: string };
  readonly signal: AbortSignal;
}

async function sendAndConfirm(
  options: GelfTcpOptions,
  context: OutputContext,
  { batches, progress, signal }: Exchange,
): Promise<void> {
  await using connection = await connect(options, context, signal);
  const other = watch(connection);
  progress.phase = "accepts connections but does not read";
  await connection.write(toFrames(batches));
  // What the other side did before it can have read anything, such as ending, is seen by now: whole turns of the loop.
  await nextTurn();
  await nextTurn();
  if (other.hasEnded) {
    throw new Error(`${placeOf(options)} closed the connection before everything was sent`);
  }
  progress.phase =
    "does not close the connection after us, so that nobody knows what it has read; " +
    "if it is made that way, set confirm: false";
  await connection.end();
  const problem = await other.ended;
  if (problem !== undefined) {
    throw new Error(`${placeOf(options)} stopped before it had read everything`, {
      cause: problem,
    });
  }
}

/**
 * One connection is kept until it breaks. What the receiver's system took, and the receiver did not read before it
 * stopped, is lost.
 */
export function createKeptTcp(options: GelfTcpOptions, context: OutputContext): GelfTransport {
  let open: { connection: Connection; other: OtherSide; stop: AbortController } | undefined;

  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    closing?.stop.abort();
    await closing?.connection[Symbol.asyncDispose]();
  }

  return {
    async send(batches, signal) {
      signal.throwIfAborted();
      if (open?.other.hasEnded === true) {
        await close();
      }
      const stop = open?.stop ?? new AbortController();
      const onAbort = (): void => stop.abort(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        if (open === undefined) {
          const connection = await connect(options, context, stop.signal);
          open = { connection, other: watch(connection), stop };
        }
        await open.connection.write(toFrames(batches));
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
  { host, port, tls }: GelfTcpOptions,
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
        // GELF has no answers.
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

function toFrames(batches: readonly GelfBatch[]): string {
  let text = "";
  for (const { messages } of batches) {
    for (const message of messages) {
      text += `${message}\0`;
    }
  }
  return text;
}

function placeOf({ host, port }: GelfTcpOptions): string {
  return `${host}:${port}`;
}
