// A publisher for NATS: one connection, kept until it breaks, that answers the server's pings.
import type { OutputContext } from "../core/component.ts";
import type { Connection } from "../core/network.ts";
import { loadTls } from "../core/tls-files.ts";
import { NatsConnection, type NatsOptions } from "./_nats-connection.ts";
import { type NatsInfo, type NatsMessage, createNatsParser } from "./_nats-protocol.ts";

export interface NatsPublisher extends AsyncDisposable {
  /** Resolves when the server has taken all of them, or with jetstream when a stream has stored them. */
  publish(messages: readonly NatsMessage[], signal: AbortSignal): Promise<void>;
}

/** Connects when there is something to publish; to the next server when that has failed. */
export function createNatsPublisher(options: NatsOptions, context: OutputContext): NatsPublisher {
  const { servers } = options;
  let open: { readonly connection: NatsConnection; readonly stop: AbortController } | undefined;
  let tries = 0;

  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    await closing?.connection[Symbol.asyncDispose]();
  }

  return {
    async publish(messages, signal) {
      const stop = open?.stop ?? new AbortController();
      const onAbort = (): void => stop.abort(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        if (open === undefined || open.connection.isOver) {
          await close();
          const place = servers[tries++ % servers.length] ?? "";
          open = {
            connection: await openNats(place, options, { ...context, signal: stop.signal }),
            stop,
          };
        }
        await open.connection.publish(messages);
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

/** Connects, says who we are, and resolves once the server has let us in. */
async function openNats(
  place: string,
  options: NatsOptions,
  { network, files, signal }: Pick<OutputContext, "network" | "files" | "signal">,
): Promise<NatsConnection> {
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(place) ?? [];
  const parse = createNatsParser();
  let info: NatsInfo | undefined;
  const connection = await network.connect(
    { host, port: Number(port) },
    {
      signal,
      tls: await loadTls(options.tls ?? { verify: true }, files),
      async negotiateTls(plain) {
        info = await readInfo(plain, parse, place);
        if (options.tls !== undefined && !info.tls_required && !info.tls_available) {
          throw new Error(`${place} has no TLS; mend its configuration, or leave out tls`);
        }
        return info.tls_required || options.tls !== undefined;
      },
    },
  );
  if (info === undefined) {
    await connection[Symbol.asyncDispose]();
    throw new Error(`${place} did not introduce itself`);
  }
  const opened = new NatsConnection({ options, place, info, connection, parse });
  try {
    await opened.greet();
    return opened;
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

type Parse = ReturnType<typeof createNatsParser>;

async function readInfo(plain: Connection, parse: Parse, place: string): Promise<NatsInfo> {
  for await (const chunk of plain.chunks) {
    const [word] = parse(chunk);
    if (word?.kind === "info") {
      return word.info;
    }
  }
  throw new Error(`${place} closed the connection before it introduced itself`);
}
