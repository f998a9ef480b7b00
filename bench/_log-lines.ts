// A seeded inventor of access logs, as large as wanted: nginx's combined with `$request_time`.

import { closeSync, openSync, writeSync } from "node:fs";

export const timedCombined =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
  '"$http_referer" "$http_user_agent" $request_time';

/** The first segments of all paths: what the benchmark groups by. */
export const topFolders: readonly string[] = [
  ..."users api static report images search login cart account orders".split(" "),
  ..."products help blog press jobs media events status admin feed".split(" "),
];

export interface LogShape {
  /** Clients are picked from so many: few come often; `Infinity`: any address, each time. */
  readonly clients: number;
  readonly targets: number;
  readonly agentChars: number;
}

/** Writes about `sizeBytes` of lines and returns how many there are. */
export function writeLog(file: string, sizeBytes: number, shape: LogShape): number {
  const random = createRandom(42);
  const pools = createPools(shape, random);
  const descriptor = openSync(file, "w");
  let lines = 0;
  let written = 0;
  while (written < sizeBytes) {
    const block: string[] = [];
    for (let rest = 5000; rest > 0; rest--) {
      block.push(toLine(lines++, pools, random));
    }
    written += writeSync(descriptor, block.join(""), null, "latin1");
  }
  closeSync(descriptor);
  return lines;
}

interface Pools {
  readonly client: () => string;
  readonly targets: readonly string[];
  readonly agents: readonly string[];
  readonly referrers: readonly string[];
  readonly users: readonly string[];
}

const linesPerSecond = 200;
const startMs = Date.UTC(2026, 9, 10);
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

let stampSecond = -1;
let stamp = "";

function toStamp(second: number): string {
  if (second !== stampSecond) {
    const at = new Date(startMs + second * 1000);
    const day = String(at.getUTCDate()).padStart(2, "0");
    const clock = at.toISOString().slice(11, 19);
    stamp = `${day}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${clock} +0000`;
    stampSecond = second;
  }
  return stamp;
}

function toLine(index: number, pools: Pools, random: () => number): string {
  const { targets, agents, referrers, users } = pools;
  const dice = random();
  const method = dice < 0.86 ? "GET" : dice < 0.97 ? "POST" : "HEAD";
  const target = skewed(targets, random);
  const query = dice < 0.25 ? `?page=${Math.floor(dice * 400)}&sort=price` : "";
  const status = dice < 0.9 ? 200 : dice < 0.94 ? 304 : dice < 0.98 ? 404 : dice < 0.99 ? 301 : 500;
  const user = random() < 0.05 ? skewed(users, random) : "-";
  const bytes = status === 304 ? 0 : 200 + Math.floor(random() ** 4 * 200_000);
  const seconds = (0.02 * Math.exp(1.2 * (random() + random() + random() - 1.5) * 2)).toFixed(3);
  return (
    `${pools.client()} - ${user} [${toStamp(Math.floor(index / linesPerSecond))}] ` +
    `"${method} ${target}${query} HTTP/1.1" ${status} ${bytes} ` +
    `"${skewed(referrers, random)}" "${skewed(agents, random)}" ${seconds}\n`
  );
}

function createPools(shape: LogShape, random: () => number): Pools {
  const few = Array.from({ length: Math.min(shape.clients, 1e6) }, () => toAddress(random));
  const targets = Array.from({ length: shape.targets }, (_, index) => {
    const folder = topFolders[index % topFolders.length];
    return `/${folder}/${word(random, 8)}/${word(random, 10)}${index % 3 === 0 ? ".html" : ""}`;
  });
  const agents = Array.from({ length: 300 }, (_, index) =>
    `Mozilla/5.0 (X11; Linux x86_64; rv:${100 + index}.0) Gecko/20100101 Firefox/${index}.0 `
      .padEnd(shape.agentChars, word(random, 60))
      .slice(0, shape.agentChars),
  );
  const referrers = Array.from({ length: 400 }, () => `https://shop.example/${word(random, 14)}`);
  return {
    client: Number.isFinite(shape.clients) ? () => skewed(few, random) : () => toAddress(random),
    targets,
    agents,
    referrers: ["-", "-", "-", ...referrers],
    users: Array.from({ length: 500 }, () => word(random, 7)),
  };
}

/** The first of the pool come most. */
function skewed(pool: readonly string[], random: () => number): string {
  return pool[Math.floor(random() ** 3 * pool.length)] ?? "-";
}

function toAddress(random: () => number): string {
  const part = (): number => Math.floor(random() * 256);
  return `${1 + Math.floor(random() * 220)}.${part()}.${part()}.${part()}`;
}

const letters = "abcdefghijklmnopqrstuvwxyz";

function word(random: () => number, length: number): string {
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");
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
