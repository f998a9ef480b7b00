// Invents the access log of a shop, for demonstrations and tests: quiet, a burst, quiet, then slow,
// then failing, over and over. The same seed and instants give the same lines.
import { toLogTime } from "./format/to-log-time.ts";

export interface LogGeneratorOptions {
  /** Any integer. */
  readonly seed: number;
  /** When the first phase starts, in milliseconds since the epoch. */
  readonly startMs: number;
}

export interface LogPhase {
  /** In words, for people: "burst of traffic". */
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Share of the requests that fail with a 5xx status, 0 to 1. */
  readonly failing: number;
  /** What usual durations are multiplied with. */
  readonly slowness: number;
  readonly lengthMs: number;
}

/** In order; then from the start again. */
export const logPhases: readonly LogPhase[] = [
  phase("low traffic", 20, { requestsPerSecond: 12 }),
  phase("burst of traffic", 25, { requestsPerSecond: 80, slowness: 1.6 }),
  phase("low traffic again", 30, { requestsPerSecond: 8 }),
  phase("slow answers", 20, { requestsPerSecond: 12, slowness: 12 }),
  phase("low traffic", 10, { requestsPerSecond: 10 }),
  phase("failing answers", 20, { requestsPerSecond: 12, failing: 0.35 }),
];

const cycleMs = logPhases.reduce((sum, { lengthMs }) => sum + lengthMs, 0);

export interface LogGenerator {
  /**
   * The lines of the instants [fromMs, toMs), in order of time and without line ends: nginx's
   * `combined` with `$request_time` behind it; one in some hundreds is malformed. Cutting a stretch
   * in two gives the same lines.
   */
  linesFor(fromMs: number, toMs: number): string[];
  /** The phase of an instant; before the start, the first one. */
  phaseAt(ms: number): LogPhase;
}

/**
 * The grain in which lines are made: each has its own random numbers, so that no call depends on
 * another.
 */
const slotMs = 50;

export function createLogGenerator({ seed, startMs }: LogGeneratorOptions): LogGenerator {
  function phaseAt(ms: number): LogPhase {
    let restMs = Math.max(0, ms - startMs) % cycleMs;
    for (const candidate of logPhases) {
      if (restMs < candidate.lengthMs) {
        return candidate;
      }
      restMs -= candidate.lengthMs;
    }
    throw new RangeError("a phase for every instant of the cycle");
  }

  function* slotLines(slot: number): Generator<{ readonly atMs: number; readonly text: string }> {
    const current = phaseAt(slot * slotMs);
    const random = createRandom(seed ^ Math.imul(slot, 0x9e3779b1));
    const expected = (current.requestsPerSecond * slotMs) / 1000;
    const requests = Math.floor(expected) + (random() < expected % 1 ? 1 : 0);
    const offsets = Array.from({ length: requests }, () => Math.floor(random() * slotMs));
    for (const offsetMs of offsets.toSorted((a, b) => a - b)) {
      const atMs = slot * slotMs + offsetMs;
      yield { atMs, text: toLine(atMs, current, random) };
    }
  }

  return {
    phaseAt,
    linesFor(fromMs, toMs) {
      const lines: string[] = [];
      for (let slot = Math.floor(fromMs / slotMs); slot * slotMs < toMs; slot++) {
        for (const { atMs, text } of slotLines(slot)) {
          if (atMs >= fromMs && atMs < toMs) {
            lines.push(text);
          }
        }
      }
      return lines;
    },
  };
}

interface Page {
  readonly weight: number;
  readonly method: string;
  /** `#` becomes a number. */
  readonly target: string;
  readonly medianSeconds: number;
  readonly sizeBytes: number;
}

const pages: readonly Page[] = [
  page(18, "GET /", { medianSeconds: 0.02, sizeBytes: 9_000 }),
  page(20, "GET /products/#", { medianSeconds: 0.04, sizeBytes: 14_000 }),
  page(10, "GET /search?q=shoes&page=#", { medianSeconds: 0.09, sizeBytes: 11_000 }),
  page(16, "GET /api/products/list?offset=#", { medianSeconds: 0.03, sizeBytes: 4_000 }),
  page(9, "GET /api/cart/show", { medianSeconds: 0.015, sizeBytes: 900 }),
  page(6, "POST /api/cart/add", { medianSeconds: 0.03, sizeBytes: 300 }),
  page(2, "DELETE /api/cart/remove?item=#", { medianSeconds: 0.025, sizeBytes: 120 }),
  page(3, "POST /api/orders/create", { medianSeconds: 0.16, sizeBytes: 700 }),
  page(4, "POST /api/users/login", { medianSeconds: 0.07, sizeBytes: 400 }),
  page(8, "GET /static/app-#.js", { medianSeconds: 0.002, sizeBytes: 48_000 }),
  page(4, "GET /images/banner-#.webp", { medianSeconds: 0.003, sizeBytes: 85_000 }),
];

const users = ["alice", "bob", "chen", "dora", "emil", "fatima", "grace", "hugo"];
const referrers = ["-", "https://shop.example/", "https://search.example/?q=shoes"];
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
  "ShopApp/7.2 (Android 16)",
  "curl/8.14.1",
];

const malformedShare = 0.004;

function toLine(atMs: number, current: LogPhase, random: () => number): string {
  const time = toLogTime(atMs);
  const client = toClient(random);
  if (random() < malformedShare) {
    return random() < 0.5
      ? `${client} - - [${time}] "-" 400 0 "-" "-" 0.000`
      : `${client} - - [${time}] "GET /products/7 HT`;
  }
  const { method, target, medianSeconds, sizeBytes } = pickPage(random);
  const status = toStatus(method, current.failing, random);
  const user = random() < 0.3 ? pick(users, random) : "-";
  const text = target.replace("#", String(1 + Math.floor(random() ** 2 * 60)));
  const size = status === 304 ? 0 : Math.round(sizeBytes * (0.6 + 0.8 * random()));
  const spread = Math.exp(0.6 * toNormal(random));
  const seconds = Math.max(0.001, medianSeconds * spread * current.slowness);
  const request = `"${method} ${text} HTTP/1.1" ${status} ${size}`;
  const visitor = `"${pick(referrers, random)}" "${pick(agents, random)}"`;
  return `${client} - ${user} [${time}] ${request} ${visitor} ${seconds.toFixed(3)}`;
}

function toStatus(method: string, failing: number, random: () => number): number {
  if (random() < failing) {
    return pick([500, 502, 503], random);
  }
  const dice = random();
  if (dice < 0.03) {
    return pick([400, 401, 403, 404, 404, 404], random);
  }
  if (dice < 0.08 && method === "GET") {
    return 304;
  }
  if (dice < 0.1 && method === "GET") {
    return 302;
  }
  return dice < 0.104 ? 500 : method === "POST" && dice > 0.7 ? 201 : 200;
}

/** Few clients come often, many come rarely; one in ten over IPv6. */
function toClient(random: () => number): string {
  const number = Math.floor(random() ** 3 * 400);
  return number % 10 === 3
    ? `2001:db8::${(number + 16).toString(16)}`
    : `198.51.${100 + (number >> 7)}.${1 + (number & 127)}`;
}

const weightSum = pages.reduce((sum, { weight }) => sum + weight, 0);

function pickPage(random: () => number): Page {
  let rest = random() * weightSum;
  const found = pages.find(({ weight }) => (rest -= weight) < 0);
  return found ?? pick(pages, random);
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) {
    throw new RangeError("nothing to pick from");
  }
  return item;
}

/** Standard normal, by Box and Muller. */
function toNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32: 0 ≤ x < 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function phase(
  name: string,
  lengthSeconds: number,
  traits: Partial<LogPhase> & { readonly requestsPerSecond: number },
): LogPhase {
  return { name, failing: 0, slowness: 1, ...traits, lengthMs: lengthSeconds * 1000 };
}

function page(
  weight: number,
  request: string,
  traits: { readonly medianSeconds: number; readonly sizeBytes: number },
): Page {
  const [method = "", target = ""] = request.split(" ");
  return { weight, method, target, ...traits };
}
