// Sockets that exist in memory only.
import type { Listener } from "../src/core/example-world.ts";
import type {
  Address,
  Connection,
  IncomingConnection,
  ListenOptions,
  Network,
  ReceiveOptions,
} from "../src/core/network.ts";

type Receive = (bytes: Uint8Array, peer: string) => void;
type Serve = (connection: IncomingConnection) => Promise<void>;

/**
 * Records in `sent` what goes over it to `listeners`; see `OutputExample.expect.sent`. Of those that listen on the same
 * address, the last one is heard: components of one test need not know of each other.
 */
export function createFakeNetwork(
  listeners: Readonly<Record<string, Listener>>,
  sent: Record<string, string[]>,
): Network {
  const served = new Map<string, Serve>();
  const receiving = new Map<string, Receive>();
  return {
    async listen(options: ListenOptions, serve: Serve) {
      const place = toPlace(options);
      served.set(place, serve);
      return {
        port: options.port,
        async [Symbol.asyncDispose]() {
          if (served.get(place) === serve) {
            served.delete(place);
          }
        },
      };
    },

    async connect(address, { signal, negotiateTls }) {
      signal.throwIfAborted();
      const place = toPlace(address);
      const serve = served.get(place) ?? toServer(listeners[place], `tcp://${place}`, sent);
      if (serve !== undefined) {
        const connection = connectTo(serve);
        await negotiateTls?.(connection);
        return connection;
      }
      const listener = listeners[place];
      const code = listener === undefined ? "ECONNREFUSED" : listener.error;
      if (code !== undefined) {
        throw Object.assign(new Error(`connect ${code} ${place}`), { code });
      }
      const key = "path" in address ? place : `tcp://${place}`;
      return connectToListener(listener, (sent[key] ??= []));
    },

    async receiveDatagrams(options: ReceiveOptions, receive: Receive) {
      const place = toPlace(options);
      receiving.set(place, receive);
      return {
        port: options.port,
        countLost: async () => 0,
        async [Symbol.asyncDispose]() {
          receiving.delete(place);
        },
      };
    },

    openDatagram: async ({ host, port }) => ({
      async send(bytes) {
        receiving.get(toPlace({ host, port }))?.(Uint8Array.from(bytes), "127.0.0.1");
        (sent[`udp://${host}:${port}`] ??= []).push(Buffer.from(bytes).toString());
      },
      async [Symbol.asyncDispose]() {},
    }),
  };
}

/** To one that hears everything, or answers the first thing that it hears; `texts` gets what it hears. */
function connectToListener(listener: Listener | undefined, texts: string[]): Connection {
  const index = texts.push("") - 1;
  const asked = Promise.withResolvers<void>();
  return {
    async write(bytes) {
      texts[index] += Buffer.from(bytes).toString();
      if (listener?.reply !== undefined) {
        asked.resolve();
      }
    },
    end: async () => asked.resolve(),
    chunks: (async function* () {
      await asked.promise;
      yield Buffer.from(listener?.reply ?? "");
    })(),
    [Symbol.asyncDispose]: async () => asked.resolve(),
  };
}

/** Of one that speaks first. */
function toServer(
  listener: Listener | undefined,
  key: string,
  sent: Record<string, string[]>,
): Serve | undefined {
  const { greeting, answers = {} } = listener ?? {};
  if (greeting === undefined) {
    return undefined;
  }
  return async (connection) => {
    const texts = (sent[key] ??= []);
    const index = texts.push("") - 1;
    await connection.write(greeting);
    for await (const chunk of connection.chunks) {
      const text = Buffer.from(chunk).toString();
      texts[index] += text;
      for (const [asked, answer] of Object.entries(answers)) {
        await connection.write(answer.repeat(text.split(asked).length - 1));
      }
    }
  };
}

/** Both ends of a connection in memory, from loopback. */
function connectTo(serve: Serve): Connection {
  const [asked, answered] = [createPipe(), createPipe()];
  const close = async (): Promise<void> => {
    asked.end();
    answered.end();
  };
  const toEnd = (from: Pipe, to: Pipe): Connection => ({
    write: async (bytes) => to.push(Buffer.from(bytes)),
    end: async () => to.end(),
    chunks: { [Symbol.asyncIterator]: () => from.chunks() },
    [Symbol.asyncDispose]: close,
  });
  const answer = async (): Promise<void> => {
    try {
      await serve({ ...toEnd(asked, answered), peer: "127.0.0.1" });
    } finally {
      await close();
    }
  };
  void answer();
  return toEnd(answered, asked);
}

interface Pipe {
  push(bytes: Uint8Array): void;
  end(): void;
  chunks(): AsyncGenerator<Uint8Array>;
}

function createPipe(): Pipe {
  const waiting: Uint8Array[] = [];
  let isEnded = false;
  let changed = Promise.withResolvers<void>();
  const wake = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  return {
    push(bytes) {
      waiting.push(bytes);
      wake();
    },
    end() {
      isEnded = true;
      wake();
    },
    async *chunks() {
      for (;;) {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          yield next;
        }
        if (isEnded && waiting.length === 0) {
          return;
        }
        if (waiting.length === 0) {
          await changed.promise;
        }
      }
    },
  };
}

function toPlace(address: Address): string {
  return "path" in address ? address.path : `${address.host}:${address.port}`;
}
