// Sockets that exist in memory only.
import type { Listener } from "../src/core/component.ts";
import type { Address, Network } from "../src/core/network.ts";

/** Records in `sent` what goes over it; see `OutputExample.expect.sent`. */
export function createFakeNetwork(
  listeners: Readonly<Record<string, Listener>>,
  sent: Record<string, string[]>,
): Network {
  return {
    async connect(address, { signal }) {
      signal.throwIfAborted();
      const place = toPlace(address);
      const listener = listeners[place];
      const code = listener === undefined ? "ECONNREFUSED" : listener.error;
      if (code !== undefined) {
        throw Object.assign(new Error(`connect ${code} ${place}`), { code });
      }
      const key = "path" in address ? place : `tcp://${place}`;
      const texts = (sent[key] ??= []);
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
    },

    openDatagram: async ({ host, port }) => ({
      async send(bytes) {
        (sent[`udp://${host}:${port}`] ??= []).push(Buffer.from(bytes).toString());
      },
      async [Symbol.asyncDispose]() {},
    }),
  };
}

function toPlace(address: Address): string {
  return "path" in address ? address.path : `${address.host}:${address.port}`;
}
