// The report of elfstatsd, worked out from the lines of a log by the rules of A1.5 to A1.8 of its specification, in the
// most obvious way: every line is matched, kept, sorted. Shares nothing with what it is compared to.

export interface OracleSettings {
  /** Apache's LogFormat with quotes written as backslash-quote. */
  readonly format: string;
  readonly valid: readonly RegExp[];
  readonly skip: readonly RegExp[];
  readonly aggregation: readonly (readonly [group: string, method: string, pattern: RegExp])[];
  readonly patterns: readonly { readonly name: string; readonly patterns: readonly RegExp[] }[];
  /** Global. */
  readonly forbidden: RegExp;
  readonly codes: readonly number[];
  readonly percentiles: readonly number[];
  readonly stalledMs: number;
  readonly inMilliseconds: boolean;
}

interface Group {
  readonly latencies: number[];
  readonly codes: Map<number, number>;
}

interface Round {
  readonly groups: Map<string, Group>;
  readonly codes: Map<number, number>;
  readonly matches: Map<string, string[]>;
  parsed: number;
  skipped: number;
  error: number;
  first: string | undefined;
  last: string | undefined;
}

export interface ElfstatsOracle {
  readonly nextReport: (endMs: number) => string;
  /** The line that the next report begins with. */
  readonly position: () => number;
}

/** Everything up to the first record at or after `endMs` belongs to the round; the rest to the next. */
export function createElfstatsOracle(
  settings: OracleSettings,
  lines: readonly string[],
): ElfstatsOracle {
  const parse = createParser(settings.format);
  const seenCodes = new Set(settings.codes);
  const seenGroups = new Map<string, Set<number>>();
  let at = 0;
  return {
    position: () => at,
    nextReport(endMs) {
      const round = createRound();
      for (; at < lines.length; at++) {
        const record = parse(lines[at] ?? "");
        if (record !== undefined && record.timeMs >= endMs) {
          break;
        }
        addRecord(round, record, settings);
      }
      for (const [id, { codes }] of round.groups) {
        seenGroups.set(id, new Set([...(seenGroups.get(id) ?? []), ...codes.keys()]));
      }
      round.codes.forEach((_, code) => seenCodes.add(code));
      return toText(round, { endMs, seenCodes, seenGroups, settings });
    },
  };
}

function createRound(): Round {
  const counts = { parsed: 0, skipped: 0, error: 0, first: undefined, last: undefined };
  return { groups: new Map(), codes: new Map(), matches: new Map(), ...counts };
}

interface LogRecord {
  readonly timeMs: number;
  readonly target: string;
  readonly code: number;
  /** As it is written. */
  readonly latency: string;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A line to its record; undefined for what is an error. */
function createParser(format: string): (line: string) => LogRecord | undefined {
  const elements = format.trim().split(/[ \t]+/);
  const fields = elements.map((element) => {
    if (element.startsWith('\\"')) {
      const isEscaped = /^\\"(?:%r)\\"$|Referer|User-Agent/.test(element);
      return isEscaped ? '"([^"\\\\]*(?:\\\\.[^"\\\\]*)*)"' : '"([^"]*)"';
    }
    return element.startsWith("%") && element.endsWith("t") ? "(\\[[^\\]]+\\])" : "(\\S*)";
  });
  const pattern = new RegExp(`^${fields.join(" ")}$`);
  const placeOf = (name: string): number => elements.indexOf(name) + 1;
  return (line) => {
    const found = pattern.exec(line.trim());
    const time = found?.[placeOf("%t")] ?? "";
    const [, day, month = "", year, clock] =
      /^\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) \S+\]$/.exec(time) ?? [];
    const number = months.indexOf(month) + 1;
    const timeMs = Date.parse(`${year}-${String(number).padStart(2, "0")}-${day}T${clock}Z`);
    const request = (found?.[placeOf('\\"%r\\"')] ?? "").split(" ");
    const code = found?.[placeOf("%>s")] ?? "";
    if (found === null || Number.isNaN(timeMs) || request.length < 2 || !/^\d+$/.test(code)) {
      return undefined;
    }
    const latency = found[placeOf("%D")] ?? "";
    return { timeMs, target: request[1] ?? "", code: Number(code), latency };
  };
}

/** Milliseconds, each rounded on its own. */
function toLatency(text: string, inMilliseconds: boolean): number {
  if (text.includes(".")) {
    return Math.trunc(Number(Number(text).toFixed(3)) * 1000);
  }
  const microseconds = BigInt(inMilliseconds ? `${text}000` : text);
  return Number((microseconds + 500n) / 1000n);
}

function addRecord(round: Round, record: LogRecord | undefined, settings: OracleSettings): void {
  if (record === undefined) {
    round.error++;
    return;
  }
  const { target, code, latency, timeMs } = record;
  const valid = settings.valid.map((one) => one.exec(target)).find((match) => match !== null);
  if (valid === undefined) {
    const isSkipped = settings.skip.some((one) => one.test(target));
    round[isSkipped ? "skipped" : "error"]++;
    return;
  }
  const renamed = settings.aggregation.find(
    ([group, method, one]) => one.test(target) && group + method !== "",
  );
  const { group, method } = valid.groups ?? {};
  const id =
    renamed === undefined
      ? `${group === undefined || group === "" ? "nogroup" : group}_${method}`
      : `${renamed[0]}_${renamed[1]}`;
  const clean = id.replaceAll(settings.forbidden, "");
  const calls: Group = round.groups.get(clean) ?? { latencies: [], codes: new Map() };
  round.groups.set(clean, calls);
  calls.latencies.push(toLatency(latency, settings.inMilliseconds));
  calls.codes.set(code, (calls.codes.get(code) ?? 0) + 1);
  round.codes.set(code, (round.codes.get(code) ?? 0) + 1);
  for (const { name, patterns } of settings.patterns) {
    const found = patterns.map((one) => one.exec(target)).find((match) => match !== null);
    if (found !== undefined) {
      round.matches.set(name, [
        ...(round.matches.get(name) ?? []),
        found.groups?.["pattern"] ?? "",
      ]);
    }
  }
  round.parsed++;
  round.first ??= toTime(timeMs);
  round.last = toTime(timeMs);
}

function toTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

interface Known {
  readonly endMs: number;
  readonly seenCodes: ReadonlySet<number>;
  readonly seenGroups: ReadonlyMap<string, ReadonlySet<number>>;
  readonly settings: OracleSettings;
}

function toText(round: Round, { endMs, seenCodes, seenGroups, settings }: Known): string {
  let text = "";
  const section = (name: string, pairs: readonly (readonly [string, string | number])[]): void => {
    text += `[${name}]\n`;
    for (const [key, value] of pairs) {
      text += `${key} = ${value === 0 ? "U" : value}\n`;
    }
    text += "\n";
  };
  for (const [id, codes] of [...seenGroups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const group = round.groups.get(id);
    section(`method_${id}`, [
      ...toNumbers(group?.latencies ?? [], settings),
      ...toCodes(group?.codes, codes),
    ]);
  }
  section("metadata", [
    ["daemon_invoked", toTime(endMs)],
    ["daemon_version", "v1.18.8"],
    ["daemon_worked", "0.0 sec"],
    ...(round.first === undefined ? [] : [["first_record", round.first] as const]),
    ...(round.last === undefined ? [] : [["last_record", round.last] as const]),
  ]);
  const configured = settings.patterns.map(({ name }) => name);
  const names = new Set([...[...round.matches.keys()].toSorted(), ...configured]);
  const toMatches = (name: string): [string, number][] => {
    const found = round.matches.get(name) ?? [];
    return [
      [`${name.toLowerCase()}.total`, found.length],
      [`${name.toLowerCase()}.distinct`, new Set(found).size],
    ];
  };
  section("patterns", [...names].flatMap(toMatches));
  const { error, parsed, skipped } = round;
  const total = error + parsed + skipped;
  section("records", Object.entries({ error, parsed, skipped, total }));
  section("response_codes", toCodes(round.codes, seenCodes));
  return text;
}

function toCodes(
  counts: ReadonlyMap<number, number> | undefined,
  codes: ReadonlySet<number>,
): readonly (readonly [string, number])[] {
  const sorted = [...codes].toSorted((a, b) => a - b);
  return sorted.map((code) => [`rc${code}`, counts?.get(code) ?? 0]);
}

function toNumbers(
  latencies: readonly number[],
  { percentiles, stalledMs }: OracleSettings,
): readonly (readonly [string, number])[] {
  const sorted = latencies.toSorted((a, b) => a - b);
  const sum = sorted.reduce((all, ms) => all + ms, 0);
  const toPercentile = (percent: number): number => {
    const position = (sorted.length - 1) * percent;
    const [low = 0, high = 0] = [
      sorted[Math.floor(position / 100)],
      sorted[Math.ceil(position / 100)],
    ];
    return Math.floor((low * 100 + (high - low) * (position % 100) + 50) / 100);
  };
  return [
    ["calls", sorted.length],
    ["stalled_calls", sorted.filter((ms) => ms > stalledMs).length],
    ["shortest", sorted[0] ?? 0],
    ["longest", sorted.at(-1) ?? 0],
    ["average", sorted.length === 0 ? 0 : Math.floor(sum / sorted.length)],
    ...percentiles.map((percent) => [`p${percent}`, toPercentile(percent)] as const),
  ];
}
