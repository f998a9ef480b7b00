// A Munin node in a fake world, asked over a fake connection.
import assert from "node:assert/strict";
import type { Batch } from "../src/core/batch.ts";
import type { OpenOutput } from "../src/core/component.ts";
import type { IncomingConnection, Network } from "../src/core/network.ts";
import type { Sample } from "../src/core/sample.ts";
import { munin } from "../src/outputs/munin.ts";
import { type MuninGraph, parseMuninText } from "./munin-text.ts";
import { type FakeWorld, createWorld } from "./world.ts";

const never = new AbortController().signal;
const port = 4949;

/** The n-th window of ten seconds since noon. */
export function toBatch(
  source: string,
  n: number,
  samples: readonly Sample[],
  changes: Partial<Batch> = {},
): Batch {
  const from = Date.UTC(2026, 10, 20, 12, 0, 0) + (n - 1) * 10_000;
  const marks = { more: false, partial: false, backfill: false };
  return {
    source,
    service: "",
    seq: n,
    from,
    to: from + 10_000,
    samples,
    tops: [],
    events: [],
    ...marks,
    ...changes,
  };
}

/** In seconds since the epoch. */
export const noonS = Date.UTC(2026, 10, 20, 12, 0, 0) / 1000;

export type MuninOptions = Parameters<typeof munin.options.parse>[0];

export function openMunin(
  world: FakeWorld,
  options: MuninOptions = {},
  state?: Uint8Array,
): Promise<OpenOutput> {
  return munin.open(munin.options.parse(options), world.context({ state }));
}

/** What the node answers, without its greeting. */
export async function ask(world: FakeWorld, ...lines: readonly string[]): Promise<string> {
  const { network } = world.context();
  await using connection = await network.connect({ host: "127.0.0.1", port }, { signal: never });
  await connection.write(lines.map((line) => `${line}\n`).join(""));
  await connection.end();
  const text = Buffer.concat(await Array.fromAsync(connection.chunks)).toString();
  assert.ok(text.startsWith("# munin node at watchpost\n"), text);
  return text.slice(text.indexOf("\n") + 1);
}

export async function spoolfetch(
  world: FakeWorld,
  afterS: number,
): Promise<ReadonlyMap<string, MuninGraph>> {
  return parseMuninText(await ask(world, `spoolfetch ${afterS}`));
}

/** As [seconds since noon, text]. */
export function valuesOf(
  graphs: ReadonlyMap<string, MuninGraph>,
  graph: string,
  field = "value",
): unknown {
  return graphs
    .get(graph)
    ?.values.get(field)
    ?.map(([atS, value]) => [atS - noonS, value]);
}

export interface Talk {
  /** Everything that is said to a peer with this address who sends these. */
  readonly talk: (peer: string, ...pieces: readonly string[]) => Promise<string>;
  readonly write: (batches: readonly Batch[]) => Promise<void>;
}

/** A node that is asked by peers with any address. */
export async function openForPeers(options: MuninOptions = {}): Promise<Talk> {
  const served = Promise.withResolvers<(connection: IncomingConnection) => Promise<void>>();
  const context = createWorld().context();
  const network: Network = {
    ...context.network,
    async listen({ port: on }, serve) {
      served.resolve(serve);
      return { port: on, [Symbol.asyncDispose]: async () => {} };
    },
  };
  const output = await munin.open(munin.options.parse(options), { ...context, network });
  const serve = await served.promise;
  return {
    write: (batches) => output.write(batches, never),
    async talk(peer, ...pieces) {
      const said: string[] = [];
      await serve({
        peer,
        write: async (bytes) => void said.push(Buffer.from(bytes).toString()),
        end: async () => {},
        chunks: (async function* () {
          yield* pieces.map((piece) => Buffer.from(piece));
        })(),
        [Symbol.asyncDispose]: async () => {},
      });
      return said.join("");
    },
  };
}
