// Lines of a log with every oddity that elfstatsd knew how to take, in the order of their times.

/** Cheap, seeded and the same everywhere (mulberry32). From 0 to 1. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface OddLog {
  readonly seed: number;
  readonly startMs: number;
  readonly seconds: number;
  readonly lines: number;
  /** Long calls stay away from the ends of rounds of this length. */
  readonly roundS: number;
  readonly unit: "microseconds" | "milliseconds" | "seconds";
}

type Pick = (items: readonly string[]) => string;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function writeOddLog({ seed, startMs, seconds, lines, roundS, unit }: OddLog): string[] {
  const random = createRandom(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] ?? "";
  const instants = Array.from({ length: lines }, () => Math.floor(random() * seconds));
  return instants
    .toSorted((a, b) => a - b)
    .map((second) => {
      const inRound = second % roundS;
      const isCalm = inRound > 30 && inRound < roundS - 130;
      const line = new OddLine(random, pick, toClf(startMs + second * 1000));
      return random() < 0.04
        ? line.broken(line.duration(unit, false))
        : line.call(line.duration(unit, isCalm));
    });
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function toClf(ms: number): string {
  const at = new Date(ms);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  return `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${clock} +0000`;
}

const targets = [
  "/svc/call/",
  "/svc/call/?uid=u1",
  "/svc/list/a/b?UID=u2&uid=u3",
  "/S.v-c/Call/",
  "/Svc/Call/",
  "/s.vc/call/",
  "/a_b/c/",
  "/a/b_c/",
  "/user/17/",
  "/user/18/orders/?uid=u4",
  "/static/x/",
  "/alone/?q=1",
  "/x.y/",
  "/svc/call/with a space",
  "/svc/call/%20%ff",
  "/svc/call/\\x16\\x03",
  '/svc/call/\\"quoted\\"',
  // None of these is named by a rule.
  "/ping",
  "/ping?x=1",
  "/logo.png",
  "/",
  "*",
  "/nothing",
  "",
];

const agents = [
  "Mozilla/5.0",
  "-",
  "",
  'a \\"quoted\\" agent',
  "back\\\\slash",
  "caf\u00e9",
  "a [bracket] 200 17",
];

/** Microseconds about which it matters how they are rounded. */
const edges = [0, 1, 499, 500, 501, 999, 1000, 1499, 1500, 2500, 999_499];

class OddLine {
  readonly #random: () => number;
  readonly #pick: Pick;
  readonly #time: string;

  constructor(random: () => number, pick: Pick, time: string) {
    this.#random = random;
    this.#pick = pick;
    this.#time = time;
  }

  duration(unit: OddLog["unit"], mayBeLong: boolean): string {
    const edge = edges[Math.floor(this.#random() * edges.length)] ?? 0;
    const usual = Math.floor(Math.exp(this.#random() * 13.7));
    const long = mayBeLong ? Math.floor(this.#random() * 120_000_000) : usual;
    const us = this.#random() < 0.1 ? edge : this.#random() < 0.02 ? long : usual;
    const ms = Math.floor(us / 1000);
    switch (unit) {
      case "microseconds":
        return String(us);
      case "milliseconds":
        return String(ms);
      case "seconds":
        return (ms / 1000).toFixed(3);
    }
  }

  call(duration: string): string {
    const target = this.#pick(targets);
    const method = this.#pick(["GET", "POST", "PROPFIND"]);
    const protocol = this.#pick([" HTTP/1.1", " HTTP/1.0", " HTTP/2.0", ""]);
    const request = `${method} ${target}${target === "" ? "" : protocol}`;
    const status = this.#pick(["200", "200", "200", "200", "304", "301", "404", "500", "499"]);
    return this.#line(request, status, duration);
  }

  /** What elfstatsd counted as an error. */
  broken(duration: string): string {
    const sound = this.#line("GET /svc/call/ HTTP/1.1", "200", duration);
    return this.#pick([
      "",
      "   ",
      "no line of this format",
      `${sound} more`,
      sound.replace(/ \S+$/, ""),
      sound.replace(/\/[A-Z][a-z]{2}\//, "/Foo/"),
      sound.replace(/"(?= \d)/, " unquoted"),
      sound.slice(0, 40),
      this.#line("-", "408", duration),
      this.#line("", "400", duration),
      this.#line("GET", "400", duration),
      this.#line("\\x16\\x03\\x01\\x02", "400", duration),
      this.#line("GET /svc/call/ HTTP/1.1", "-", duration),
      this.#line("GET /svc/call/ HTTP/1.1", "200.1", duration),
      this.#line("GET /svc/call/ HTTP/1.1", "", duration),
      this.#line("GET /svc/call/ HTTP/1.1", "abc", duration),
      "\u0000\u0001\u0002",
    ]);
  }

  #line(request: string, status: string, duration: string): string {
    const client = this.#pick(["192.0.2.7", "2001:db8::9", "a.example"]);
    const user = this.#pick(["-", "ann", "d\\x20e"]);
    const referrer = this.#pick(["-", 'https://shop.example/?a=\\"b\\"', ""]);
    const parts = [`"${referrer}"`, `"${this.#pick(agents)}"`, "-", "17", "512", duration];
    return `${client} - ${user} [${this.#time}] "${request}" ${status} 512 ${parts.join(" ")}`;
  }
}
