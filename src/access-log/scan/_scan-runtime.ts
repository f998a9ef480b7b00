// What generated code calls: everything that does not happen on every line. Its public fields and
// methods are part of that code; `X` there is one of these.

import type { FieldName } from "../format/fields.ts";
import { boundFields, type LogHeader } from "../format/line-format.ts";
import { type TimeComponents, toInstant } from "../format/read-time.ts";
import { syslogHeaderLength } from "../format/syslog-header.ts";
import type { ZoneClock } from "../format/zone-clock.ts";
import type { Grouping } from "./grouping.ts";
import { EntryCounter } from "./_entry-counter.ts";
import { compileText } from "./_compile-condition.ts";
import { createEndFinder, type EndFinder } from "./_find-end.ts";
import { verdictsMax } from "./_generate-condition.ts";
import { MadeTexts, type TextPlace } from "./_made-texts.ts";
import { OddParts, type OddTarget } from "./_odd-values.ts";
import { checkKey, hashKey, mixHash, tailMasks } from "./_key-hash.ts";
import { type KeyTable, slackBytes } from "./_key-table.ts";
import { TextKeys } from "./_text-keys.ts";
import { TimeMemo, timeBytesMax } from "./_time-memo.ts";
import { LineReader } from "./_line-reader.ts";
import { malformedTarget, type ScanLimits, type ScanSpec } from "./log-scanner.ts";
import type { NamedFormat, ScannedFormat } from "./_scan-plan.ts";
import type { NamedPlan } from "./_named-plan.ts";
import { NamedReader } from "./_named-reader.ts";
import { findPathEnd } from "./_cut-request.ts";
import type { SeriesPoint } from "./_series-tally.ts";
import type { GroupTally, Tallies } from "./tallies.ts";
import { toClock } from "./_to-clock.ts";
import type { TextCondition } from "./where.ts";

/** Where lines are counted: one total, or the window that their instant says. */
export interface Sink {
  /** No further line may be counted before the owner has looked. */
  readonly isStopped: boolean;
  /**
   * Where lines of this instant count, NaN when they have none. Asked again when the next line has
   * another one.
   */
  place(timeMs: number): Tallies;
  /** For a line that says nothing, or nothing that can be read. */
  placeUnread(): Tallies;
}

export interface RuntimeParts {
  readonly spec: ScanSpec;
  readonly limits: ScanLimits;
  readonly sink: Sink;
  readonly grouping: Grouping;
  readonly header: LogHeader | undefined;
  /** Of the zone's clock in an earlier life. */
  readonly zoneMs?: number | undefined;
}

const newline = 10;
/** Enough for every syslog header. */
const syslogBytesMax = 1024;
/** Of the scheme and host of an absolute target; those that are longer are read slowly. */
const urlBytesMax = 200;

export class ScanRuntime {
  readonly masks = tailMasks;
  readonly powers = Float64Array.from({ length: 16 }, (_, places) => 10 ** places);
  readonly startsNumber = Uint8Array.from({ length: 256 }, (_, byte) =>
    /[0-9+.-]/.test(String.fromCharCode(byte)) ? 1 : 0,
  );
  readonly mix = mixHash;
  readonly hashKey = hashKey;
  readonly checkKey = checkKey;
  /** The instant of the last line that the generated code has read. */
  instant = Number.NaN;
  /** It may be another one for the same text in a later line. */
  isAmbiguous = false;
  /** Of the line that was placed last. */
  tallies: Tallies | undefined;
  isStopped = false;
  hostStart = -1;
  hostEnd = 0;
  /** Finds the values of a format in which they have names. */
  named: NamedReader | undefined;
  readonly findPathEnd = findPathEnd;
  /** For metrics of one's own. */
  readonly entry: Record<string, string | number | undefined> = {};
  readonly #parts: RuntimeParts;
  readonly #made = new MadeTexts();
  #odd = new OddParts([]);
  readonly #zone: ZoneClock;
  readonly #reader: LineReader;
  readonly #keys = new TextKeys();
  readonly #counter: EntryCounter;
  #baseTime: TimeComponents = {};
  #hasNewHeader = false;
  #isNewSecond = true;
  #secondMs = Number.NaN;
  #metricFields: readonly FieldName[] = [];
  #verdicts: readonly Int32Array[] = [];
  #conditions: readonly ((text: string | undefined) => boolean)[] = [];
  #ends: readonly EndFinder[] = [];
  #memos: readonly (TimeMemo | undefined)[] = [];
  #bytes: Uint8Array = new Uint8Array(slackBytes);
  #buffer: Buffer = Buffer.alloc(0);

  constructor(parts: RuntimeParts) {
    const { spec, header, zoneMs } = parts;
    this.#parts = parts;
    this.#zone = toClock(spec.timeZone, zoneMs);
    this.#reader = new LineReader(spec, { zone: this.#zone, header });
    this.#counter = new EntryCounter(spec, parts.grouping, this.#keys);
    this.#counter.hasTarget = boundFields(spec.format).has("target");
  }

  get header(): LogHeader | undefined {
    return this.#reader.header;
  }

  get zoneMs(): number | undefined {
    return this.#zone.lastMs;
  }

  passTime(nowMs: number): void {
    this.#zone.passTime(nowMs);
  }

  /** The code should be made for the other format of the two. */
  get isOther(): boolean {
    return this.#reader.isOther;
  }

  /** Directives, or names that had not occurred: the code should be made for them. */
  get hasNewShape(): boolean {
    return this.#hasNewHeader || this.named?.hasNewKeys === true;
  }

  /** For a format whose values have names. */
  openNames(format: NamedFormat, plan: NamedPlan): NamedReader {
    this.named ??= new NamedReader(format, plan, this.#zone);
    return this.named;
  }

  /** What the code that comes next is made for. `baseTime`: what a header says of every time. */
  prepare(
    format: ScannedFormat,
    code: {
      readonly isFallback: boolean;
      readonly textConditions: readonly TextCondition[];
      readonly metricFields: readonly FieldName[];
      readonly baseTime: TimeComponents;
    },
  ): void {
    const parts = format.layout === "positional" ? format.parts : [];
    this.#ends =
      format.layout === "positional" ? parts.map((_, at) => createEndFinder(format, at)) : [];
    this.#hasNewHeader = false;
    this.#isNewSecond = true;
    this.#reader.prepare(code.isFallback);
    this.#counter.hasTarget = boundFields(format).has("target");
    this.#baseTime = code.baseTime;
    this.#metricFields = code.metricFields;
    this.#conditions = code.textConditions.map(compileText);
    this.#verdicts = code.textConditions.map(() => new Int32Array(verdictsMax * 4));
    this.#odd = new OddParts(parts);
    const times = parts.filter((part) => part.kind === "time" && part.isUsed);
    this.#memos = parts.map((part) =>
      part.kind === "time" ? new TimeMemo(part, times.length === 1) : undefined,
    );
  }

  /** Before code runs over these bytes. */
  use(bytes: Uint8Array, view: DataView): void {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.named?.use(this.#buffer, view);
    this.isStopped = false;
  }

  // What follows is called by generated code.

  timeLength(part: number): number {
    return this.#memos[part]?.length ?? 0;
  }

  timeView(part: number): DataView | undefined {
    return this.#memos[part]?.view;
  }

  /** Reads a time at `at` and remembers it; its length, or 0 when it is none. */
  readTime(part: number, at: number): number {
    return this.#memos[part]?.read(this.#buffer.toString("latin1", at, at + timeBytesMax + 8)) ?? 0;
  }

  /** Of the times that the parts have read last; NaN when they are no instant. */
  toInstant(lastingMs: number): number {
    let fractionMs = 0;
    for (const memo of this.#memos) {
      this.#isNewSecond ||= memo?.isNew === true;
      fractionMs += memo?.fractionMs ?? 0;
    }
    if (this.#isNewSecond) {
      this.#secondMs = this.#toSecond(lastingMs);
      this.isAmbiguous = this.#zone.isAmbiguous;
    }
    this.#isNewSecond = this.isAmbiguous || Number.isNaN(this.#secondMs);
    this.instant = this.#secondMs + fractionMs;
    return this.instant;
  }

  /** The instant but for a fraction that stands at the end of a time. */
  #toSecond(lastingMs: number): number {
    let time: TimeComponents = {};
    for (const memo of this.#memos) {
      if (memo !== undefined) {
        memo.isNew = false;
        time = { ...memo.components, ...time };
      }
    }
    return toInstant({ ...this.#baseTime, ...time }, this.#zone, lastingMs) ?? Number.NaN;
  }

  place(timeMs: number): Tallies {
    const { sink } = this.#parts;
    const tallies = sink.place(timeMs);
    this.tallies = tallies;
    this.isStopped ||= sink.isStopped;
    return tallies;
  }

  /** The window of the series for a line that counts: one that is filtered opens none. */
  openPoint(timeMs: number): SeriesPoint | undefined {
    return Number.isNaN(timeMs) ? undefined : this.tallies?.series?.at(timeMs);
  }

  behindSyslog(at: number): number {
    const end = this.#bytes.indexOf(newline, at);
    const line = this.#buffer.toString("latin1", at, Math.min(end, at + syslogBytesMax));
    return at + syslogHeaderLength(line);
  }

  /**
   * Where the path of the absolute target at `at` starts, with the host that is in front of it in
   * `hostStart` and `hostEnd`; -1 when it is no such target, or has no path.
   */
  behindHost(at: number): number {
    const text = this.#buffer.toString("latin1", at, at + urlBytesMax);
    const [whole, scheme = ""] = /^(https?:\/\/)[^/?#*\s"\\]*(?=\/)/i.exec(text) ?? [];
    if (whole === undefined) {
      return -1;
    }
    this.hostStart = whole === scheme ? -1 : at + scheme.length;
    this.hostEnd = at + whole.length;
    return this.hostEnd;
  }

  findEnd(part: number, at: number): number {
    return this.#ends[part]?.(this.#bytes, at) ?? -1;
  }

  hasByte(byte: number, start: number, end: number): boolean {
    const found = this.#bytes.indexOf(byte, start);
    return found >= 0 && found < end;
  }

  isList(start: number, end: number): boolean {
    const text = this.#buffer.toString("latin1", start, end);
    return text.includes(", ") || text.includes(" : ");
  }

  amountOf(part: number, start: number, end: number): number {
    return this.#odd.amountOf(part, this.#buffer.toString("latin1", start, end));
  }

  readOddTarget(part: number, start: number, end: number): OddTarget | undefined {
    return this.#odd.targetOf(part, this.#buffer.toString("latin1", start, end));
  }

  textOf(start: number, end: number, code: number): string {
    return this.#made.textOf(this.#placeOf(start, end, code));
  }

  #placeOf(start: number, end: number, code: number): TextPlace {
    return { buffer: this.named?.values.buffer ?? this.#buffer, start, end, code };
  }

  countText(table: KeyTable, start: number, end: number, code: number): number {
    return this.#keys.count(table, this.textOf(start, end, code));
  }

  // oxlint-disable-next-line max-params -- once a line
  countMade(
    table: KeyTable,
    start: number,
    end: number,
    code: number,
    hash: number,
    check: number,
  ): void {
    this.#made.count(table, this.#placeOf(start, end, code), hash, check);
  }

  /** A target that is a text of its own; undefined: the request has none. */
  countTarget(table: KeyTable, target: string | undefined): void {
    this.#keys.count(table, target?.split("?", 1)[0] ?? malformedTarget);
  }

  groupOfText(target: string | undefined): number {
    return this.#parts.grouping.idOf(target?.split("?", 1)[0]);
  }

  groupOf(start: number, end: number): number {
    return this.#parts.grouping.idOf(this.textOf(start, end, 0));
  }

  openGroup(id: number): GroupTally | undefined {
    return this.tallies?.groupOf(id);
  }

  /** What is remembered of a condition: hash, check and 1 where it holds. */
  verdicts(condition: number): Int32Array {
    return this.#verdicts[condition] ?? new Int32Array(verdictsMax * 4);
  }

  holds(condition: number, text: string | undefined): boolean {
    return this.#conditions[condition]?.(text) ?? false;
  }

  set(index: number, value: string | number | undefined): void {
    this.entry[this.#metricFields[index] ?? ""] = value;
  }

  /** Reads the line at `start` by the reference parser, counts it, and returns where it ends. */
  addSlowly(start: number): number {
    const end = this.#bytes.indexOf(newline, start);
    const { spec, limits, sink } = this.#parts;
    if (end - start > limits.lineBytesMax) {
      this.addTooLong();
      return end + 1;
    }
    const outcome = this.#reader.read(this.#bytes.subarray(start, end));
    this.isStopped ||= this.isOther || this.named?.hasNewKeys === true;
    if (outcome.kind === "entry") {
      const lastingMs = spec.placesByEnd === true ? this.#reader.lastingMs : 0;
      const timeMs = (outcome.entry.time ?? Number.NaN) + lastingMs;
      this.#counter.count(outcome.entry, this.place(timeMs));
    } else if (outcome.kind === "comment") {
      const { lines } = sink.placeUnread();
      lines.read++;
      lines.comment++;
      this.#hasNewHeader = true;
      this.isStopped = true;
    } else {
      const text = this.#buffer.toString(
        "utf8",
        start,
        Math.min(end, start + limits.failureBytesMax),
      );
      sink.placeUnread().addFailure({ reason: outcome.reason, text: text.replace(/\r$/, "") });
    }
    return end + 1;
  }

  addTooLong(): void {
    const { lines } = this.#parts.sink.placeUnread();
    lines.read++;
    lines.tooLong++;
  }
}
