// Additions, quantiles and merges a second of the mergeable summaries, each beside the plain structure that one would
// write first, on the same values in the same run: `node bench/sketches.ts`. Takes about ten seconds; only the ratio
// travels.
import { Distinct, Hash64, hashSeed } from "../src/core/distinct.ts";
import { Distribution, valuesMaxCoarse } from "../src/core/distribution.ts";
import { Top } from "../src/core/top.ts";

/** Everything is added once per round, by ours and by the peer in turn; the best round of each counts. */
const rounds = 4;
const roundMsMax = 600;

interface Contest {
  readonly name: string;
  readonly peer: string;
  /** How many things one call of `ours` and of `theirs` adds, asks for or merges. */
  readonly additions: number;
  readonly ours: () => unknown;
  readonly theirs: () => unknown;
}

const random = createRandom(1);
const values = Float64Array.from({ length: 1 << 20 }, () => 0.02 * Math.exp(1.2 * toNormal()));
const milliseconds = values.map((value) => Math.round(value * 1000) / 1000);
const addresses = Array.from({ length: 1 << 18 }, () => toAddress(Math.floor(random() * 2 ** 18)));
const fewAddresses = addresses.map((_, at) => addresses[at % 800] ?? "");
const encodedAddresses = new TextEncoder().encode(addresses.join(" "));
const paths = Array.from({ length: 1 << 18 }, () => `/shop/item/${Math.floor(1 / random())}.html`);

/** Of 500 observations each, as an hour of a quiet site has. */
const parts = Array.from({ length: 1000 }, (_, at) => values.subarray(at * 500, at * 500 + 500));
const encodedParts = parts.map((part) => toDistribution(part).toBytes());
const textParts = parts.map((part) => JSON.stringify([...toLogMap(part)]));
const filled = toDistribution(values.subarray(0, 5000));
const filledMap = toLogMap(values.subarray(0, 5000));

const contests: readonly Contest[] = [
  {
    name: "Distribution, in buckets",
    peer: "Map of Math.log buckets",
    additions: values.length,
    ours: () => addAll(new Distribution(), values),
    theirs: () => addToLogMap(values),
  },
  {
    name: "Distribution, in buckets, 5 at once",
    peer: "Map of Math.log buckets",
    additions: values.length,
    ours: () => addAll(new Distribution(), values, 5),
    theirs: () => addToLogMap(values),
  },
  {
    name: "Distribution, exact milliseconds",
    peer: "Map of Math.log buckets",
    additions: milliseconds.length,
    ours: () => addAll(new Distribution({ valuesMax: valuesMaxCoarse }), milliseconds),
    theirs: () => addToLogMap(milliseconds),
  },
  {
    name: "Distribution, p99 after each value",
    peer: "Map of Math.log buckets, sorted",
    additions: 1000,
    ours: () => askOften(filled, values),
    theirs: () => askLogMap(filledMap, values),
  },
  {
    name: "Distribution, merged from bytes",
    peer: "Map from JSON, merged",
    additions: encodedParts.length,
    ours: () => mergeParts(encodedParts),
    theirs: () => mergeTexts(textParts),
  },
  {
    name: "Distinct, 166 k addresses",
    peer: "Set of strings",
    additions: addresses.length,
    ours: () => addKeys(new Distinct(), addresses),
    theirs: () => new Set(addresses).size,
  },
  {
    name: "Distinct, 800 addresses",
    peer: "Set of strings",
    additions: fewAddresses.length,
    ours: () => addKeys(new Distinct(), fewAddresses),
    theirs: () => new Set(fewAddresses).size,
  },
  {
    name: "Distinct, 166 k addresses as bytes",
    peer: "Set of decoded strings",
    additions: addresses.length,
    ours: () => addBytes(new Distinct(), encodedAddresses),
    theirs: () => countDecoded(encodedAddresses),
  },
  {
    name: "Top of 1000, 66 k paths",
    peer: "Map of counts, sorted",
    additions: paths.length,
    ours: () => addKeys(new Top(1000), paths).entries(20),
    theirs: () => sortCounts(paths).slice(0, 20),
  },
  {
    name: "Top of 1000, 800 addresses",
    peer: "Map of counts, sorted",
    additions: fewAddresses.length,
    ours: () => addKeys(new Top(1000), fewAddresses).entries(20),
    theirs: () => sortCounts(fewAddresses).slice(0, 20),
  },
];

const table = contests.map(({ name, peer, additions, ours, theirs }) => {
  let ourRate = 0;
  let theirRate = 0;
  for (let round = 0; round < rounds; round++) {
    ourRate = Math.max(ourRate, measure(ours, additions));
    theirRate = Math.max(theirRate, measure(theirs, additions));
  }
  return {
    summary: name,
    "M/s": Number((ourRate / 1e6).toPrecision(3)),
    peer,
    "peer's M/s": Number((theirRate / 1e6).toPrecision(3)),
    ratio: Number((ourRate / theirRate).toFixed(2)),
  };
});
console.table(table);

/** Additions a second, over as many calls as fit into a quarter of the round's time. */
function measure(call: () => unknown, additions: number): number {
  const from = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  do {
    call();
    calls++;
    elapsedMs = performance.now() - from;
  } while (elapsedMs < roundMsMax / rounds);
  return (calls * additions * 1000) / elapsedMs;
}

function addAll(distribution: Distribution, all: Float64Array, times?: number): number {
  for (const value of all) {
    distribution.add(value, times);
  }
  return distribution.quantile(0.99);
}

function addToLogMap(all: Float64Array): number {
  const buckets = new Map<number, number>();
  let sum = 0;
  for (const value of all) {
    const index = toLogIndex(value);
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
    sum += value;
  }
  return sum + buckets.size;
}

function toLogMap(all: Float64Array): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const value of all) {
    const index = toLogIndex(value);
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
  }
  return buckets;
}

function toLogIndex(value: number): number {
  return Math.ceil(Math.log(value) / (Math.LN2 / 64));
}

function toDistribution(all: Float64Array): Distribution {
  const distribution = new Distribution();
  addAll(distribution, all);
  return distribution;
}

function askOften(distribution: Distribution, all: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < 1000; at++) {
    distribution.add(all[at] ?? 0);
    sum += distribution.quantile(0.99);
  }
  return sum;
}

function askLogMap(buckets: Map<number, number>, all: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < 1000; at++) {
    const index = toLogIndex(all[at] ?? 0);
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
    sum += quantileOf(buckets, 0.99);
  }
  return sum;
}

function quantileOf(buckets: ReadonlyMap<number, number>, share: number): number {
  let rest = [...buckets.values()].reduce((total, count) => total + count, 0) * share;
  for (const [index, count] of [...buckets].toSorted(([a], [b]) => a - b)) {
    rest -= count;
    if (rest <= 0) {
      return 2 ** (index / 64);
    }
  }
  return Number.NaN;
}

function mergeParts(all: readonly Uint8Array[]): number {
  const whole = new Distribution();
  for (const part of all) {
    whole.mergeBytes(part);
  }
  return whole.quantile(0.99);
}

function mergeTexts(all: readonly string[]): number {
  const whole = new Map<number, number>();
  for (const part of all) {
    const pairs: unknown = JSON.parse(part);
    for (const [index, count] of Array.isArray(pairs) ? pairs : []) {
      whole.set(Number(index), (whole.get(Number(index)) ?? 0) + Number(count));
    }
  }
  return quantileOf(whole, 0.99);
}

function addKeys<Summary extends Distinct | Top>(summary: Summary, keys: string[]): Summary {
  for (const key of keys) {
    summary.add(key);
  }
  return summary;
}

function addBytes(distinct: Distinct, bytes: Uint8Array): number {
  const hash = new Hash64(hashSeed);
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at === bytes.length || bytes[at] === 32) {
      hash.ofBytes(bytes, start, at);
      distinct.addHash(hash.high, hash.low);
      start = at + 1;
    }
  }
  return distinct.count;
}

function countDecoded(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keys = new Set<string>();
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at === bytes.length || bytes[at] === 32) {
      keys.add(text.toString("latin1", start, at));
      start = at + 1;
    }
  }
  return keys.size;
}

function sortCounts(keys: string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const key of keys) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts).toSorted((a, b) => b[1] - a[1]);
}

function toAddress(bits: number): string {
  return `10.${bits >> 16}.${(bits >> 8) & 255}.${bits & 255}`;
}

function toNormal(): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32: the same values in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
