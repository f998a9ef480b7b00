// What elfstatsd knows of one log after one round, added up from batches.
import type { Batch } from "../../core/batch.ts";
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { Distinct } from "../../core/distinct.ts";
import type { Distribution } from "../../core/distribution.ts";
import type { Sample } from "../../core/sample.ts";
import { type Unit, toWholeMilliseconds } from "./whole-milliseconds.ts";

export interface ElfstatsNaming {
  /** How durations were logged. */
  readonly unit: Unit;
  /** What is deleted from the names of groups, everywhere. */
  readonly deleted: RegExp | undefined;
  /** What becomes of lines is told by these words; those that are one of them are errors. */
  readonly errors: ReadonlySet<string>;
}

/** The calls of one group. */
export interface Calls {
  readonly byCode: Map<number, number>;
  /** By whole milliseconds. */
  readonly byMs: Map<number, number>;
}

export interface Matches {
  total: number;
  readonly distinct: Distinct;
}

/** Different durations of a group that are told apart; later ones keep three digits. */
const durationsMax = 100_000;
/** Groups that are told apart, far more than a source has names. */
const groupsMax = 10_000;
const ungrouped = "(ungrouped)";
/** Under this name stand the calls for which a source has no more names. */
const otherGroups = "other_groups";

export class ElfstatsWindow {
  /** By id: what stands behind `method_`. */
  readonly groups = new Map<string, Calls>();
  /** In the order of the source's configuration. */
  readonly patterns = new Map<string, Matches>();
  skipped = 0;
  error = 0;
  /** Second of the first and of the last call, in milliseconds since the epoch. */
  firstAt: number | undefined;
  lastAt: number | undefined;
  /** Every duration and every text is still known. */
  isExact = true;

  get calls(): number {
    const codes = [...this.groups.values()].flatMap(({ byCode }) => [...byCode.values()]);
    return codes.reduce((sum, calls) => sum + calls, 0);
  }

  add(batch: Batch, naming: ElfstatsNaming): void {
    let parsed = 0;
    for (const sample of batch.samples) {
      switch (sample.name) {
        case "http_requests_total":
          parsed += this.#addRequests(sample, naming);
          break;
        case "http_request_duration_seconds":
          this.#addDurations(sample, naming);
          break;
        case "log_lines_total":
          this.#addLines(sample, naming);
          break;
        case "log_matches_total":
        case "log_matches_distinct":
          this.#addMatches(sample);
          break;
        default:
      }
    }
    if (parsed > 0) {
      this.firstAt ??= batch.from;
      this.lastAt = Math.max(batch.from, batch.to - 1000);
    }
  }

  #addRequests({ kind, value, labels }: Sample, naming: ElfstatsNaming): number {
    const { group = ungrouped, status = "" } = labels;
    if (kind !== "count" || value === 0) {
      return 0;
    }
    if (group === ungrouped || !/^\d+$/.test(status)) {
      this.error += value;
      return 0;
    }
    const { byCode } = this.#calls(toId(group, naming));
    const code = Number(status);
    byCode.set(code, (byCode.get(code) ?? 0) + value);
    return value;
  }

  #addDurations({ kind, value, labels }: Sample, naming: ElfstatsNaming): void {
    const { group = ungrouped } = labels;
    if (kind !== "distribution" || group === ungrouped) {
      return;
    }
    this.isExact &&= value.isExact;
    addDurations(this.#calls(toId(group, naming)).byMs, value, naming.unit);
  }

  #addLines({ kind, value, labels }: Sample, { errors }: ElfstatsNaming): void {
    const { outcome = "" } = labels;
    if (kind === "count" && outcome === "skipped") {
      this.skipped += value;
    } else if (kind === "count" && errors.has(outcome)) {
      this.error += value;
    }
  }

  #addMatches({ kind, value, labels }: Sample): void {
    const matches = this.#matches(labels["pattern"] ?? "");
    if (kind === "count") {
      matches.total += value;
    } else if (kind === "distinct") {
      matches.distinct.merge(value);
      this.isExact &&= matches.distinct.isExact;
    }
  }

  #calls(id: string): Calls {
    const known = this.groups.has(id) || this.groups.size < groupsMax ? id : otherGroups;
    const calls = this.groups.get(known) ?? { byCode: new Map(), byMs: new Map() };
    this.groups.set(known, calls);
    return calls;
  }

  #matches(pattern: string): Matches {
    const matches = this.patterns.get(pattern) ?? { total: 0, distinct: new Distinct() };
    this.patterns.set(pattern, matches);
    return matches;
  }

  write(out: ByteWriter): void {
    out.byte(this.isExact ? 1 : 0);
    out.varint(this.skipped);
    out.varint(this.error);
    out.varint(this.firstAt ?? 0);
    out.varint(this.lastAt ?? 0);
    out.varint(this.groups.size);
    for (const [id, { byCode, byMs }] of this.groups) {
      out.text(id);
      writeCounts(out, byCode);
      writeCounts(out, byMs);
    }
    out.varint(this.patterns.size);
    for (const [name, { total, distinct }] of this.patterns) {
      out.text(name);
      out.varint(total);
      out.bytes(distinct.toBytes());
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader): ElfstatsWindow {
    const window = new ElfstatsWindow();
    window.isExact = input.byte() === 1;
    window.skipped = input.varint();
    window.error = input.varint();
    window.firstAt = input.varint() || undefined;
    window.lastAt = input.varint() || undefined;
    for (let rest = input.varint(); rest > 0; rest--) {
      const id = input.text();
      window.groups.set(id, { byCode: readCounts(input), byMs: readCounts(input) });
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      const name = input.text();
      const total = input.varint();
      window.patterns.set(name, { total, distinct: Distinct.fromBytes(input.bytes()) });
    }
    return window;
  }
}

/** `group/method` as elfstatsd joins them; a method without a group belongs to `nogroup`. */
function toId(group: string, { deleted }: ElfstatsNaming): string {
  if (group === "(other)") {
    return otherGroups;
  }
  const id = group.includes("/") ? group.replace("/", "_") : `nogroup_${group}`;
  return deleted === undefined ? id : id.replaceAll(deleted, "");
}

function addDurations(to: Map<number, number>, from: Distribution, unit: Unit): void {
  for (const [ms, times] of toWholeMilliseconds(from, unit)) {
    const isFull = to.size >= durationsMax && !to.has(ms);
    const key = isFull ? Number(ms.toPrecision(3)) : ms;
    to.set(key, (to.get(key) ?? 0) + times);
  }
}

function writeCounts(out: ByteWriter, counts: ReadonlyMap<number, number>): void {
  out.varint(counts.size);
  for (const [key, times] of counts) {
    out.varint(key);
    out.varint(times);
  }
}

function readCounts(input: ByteReader): Map<number, number> {
  const counts = new Map<number, number>();
  for (let rest = input.varint(); rest > 0; rest--) {
    counts.set(input.varint(), input.varint());
  }
  return counts;
}
