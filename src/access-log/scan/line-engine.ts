// Runs the compiled code of a format over bytes, and the reference parser where there is none.

import type { LineFormat, LogHeader } from "../format/line-format.ts";
import type { TimeComponents } from "../format/read-time.ts";
import { fromHeader, timeOf } from "../format/w3c-format.ts";
import type { Grouping } from "./grouping.ts";
import type { Walk } from "./_generate-end.ts";
import { walkNamed } from "./_generate-named.ts";
import { walkParts } from "./_generate-parts.ts";
import { generateScanner } from "./_generate-scanner.ts";
import { slackBytes } from "./_key-table.ts";
import type { ScanLimits, ScanSpec } from "./log-scanner.ts";
import { planNames } from "./_named-plan.ts";
import { planScan, type ScannedFormat, type ScanPlan } from "./_scan-plan.ts";
import { ScanRuntime, type Sink } from "./_scan-runtime.ts";

export type { Sink };

export interface EngineParts {
  readonly spec: ScanSpec;
  readonly limits: ScanLimits;
  readonly grouping: Grouping;
  readonly sink: Sink;
  /** Of an earlier life. */
  readonly header?: LogHeader | undefined;
  readonly zoneMs?: number | undefined;
}

/** Counts lines into a sink. */
export interface LineEngine {
  /** As LogScanner.scan, but it may return behind any line at which the sink stops. */
  scan(bytes: Uint8Array, start: number, end: number): number;
  /** The last line of a file, which has no line end. */
  scanRest(bytes: Uint8Array, start: number, end: number): void;
  addTooLong(): void;
  /** No line so far was written later than this. */
  passTime(nowMs: number): void;
  readonly header: LogHeader | undefined;
  /** Of the zone's clock: when the last line was written whose time has no offset. */
  readonly zoneMs: number | undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

type Run = (runtime: ScanRuntime, bytes: Uint8Array, view: DataView, lines: Range) => number;

const newline = 10;
/**
 * The compiled code is called for about so many bytes at once. In a longer call V8 would optimise it
 * twice, 0.1 s each: once for its loop, and once more for the calls to come.
 */
const callBytes = 64 * 1024;

/** Throws RangeError for a pattern or a time zone that does not exist. */
export function createLineEngine(parts: EngineParts): LineEngine {
  const { spec, limits, grouping, sink, header, zoneMs } = parts;
  const runtime = new ScanRuntime({ spec, limits, sink, grouping, header, zoneMs });
  let isFallback = false;
  let compiled = compile(parts, runtime, isFallback);

  /** Lines in bytes[start, end), the last of which has slackBytes behind it. */
  function run(bytes: Uint8Array, start: number, end: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = start;
    while (at < end) {
      runtime.use(bytes, view);
      at = compiled(runtime, bytes, view, { start: at, end: Math.min(end, at + callBytes) });
      if (runtime.isOther) {
        isFallback = !isFallback;
        compiled = compile(parts, runtime, isFallback);
      } else if (runtime.hasNewShape) {
        compiled = compile(parts, runtime, false);
      }
      if (sink.isStopped) {
        return at;
      }
    }
    return at;
  }

  function runCopied(bytes: Uint8Array): number {
    const copy = new Uint8Array(bytes.length + slackBytes);
    copy.set(bytes);
    return run(copy, 0, bytes.length);
  }

  return {
    get header() {
      return runtime.header;
    },
    get zoneMs() {
      return runtime.zoneMs;
    },
    passTime: (nowMs) => runtime.passTime(nowMs),
    addTooLong: () => runtime.addTooLong(),
    scan(given, start, end) {
      const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
      const last = end > start ? bytes.lastIndexOf(newline, end - 1) + 1 : 0;
      if (last <= start) {
        return start;
      }
      const safe = bytes.length - slackBytes;
      const split = last <= safe ? last : Math.max(start, lineStart(bytes, safe));
      const at = run(bytes, start, split);
      return at < split || split === last || sink.isStopped
        ? at
        : split + runCopied(bytes.subarray(split, last));
    },
    scanRest(bytes, start, end) {
      if (end > start) {
        const line = new Uint8Array(end - start + 1);
        line.set(bytes.subarray(start, end));
        line[end - start] = newline;
        runCopied(line);
      }
    },
  };
}

/** Of the line that holds `at`; 0 for the first. */
function lineStart(bytes: Uint8Array, at: number): number {
  return at <= 0 ? 0 : bytes.lastIndexOf(newline, at - 1) + 1;
}

function compile(
  { spec, limits, grouping }: EngineParts,
  runtime: ScanRuntime,
  isFallback: boolean,
): Run {
  const found = isFallback ? toExclusive(spec.fallback) : scannedOf(spec.format, runtime.header);
  if (found === undefined) {
    return runSlowly;
  }
  const { format, baseTime } = found;
  const plan = planScan(format, { spec, limits, isNaming: grouping.isNaming });
  const walk = walkOf(plan, runtime);
  if (walk === undefined) {
    return runSlowly;
  }
  const { code, textConditions } = generateScanner(plan, walk);
  runtime.prepare(format, {
    isFallback,
    textConditions,
    metricFields: plan.metricFields,
    baseTime,
  });
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the point of it: one function for one format, of numbers only
  const run = new Function("X", "b", "v", "p", "end", code);
  return (x, bytes, view, lines) => Number(run(x, bytes, view, lines.start, lines.end));
}

/** Undefined: the format has something that only the reference parser reads. */
function walkOf(plan: ScanPlan, runtime: ScanRuntime): Walk | undefined {
  const { format } = plan;
  if (format.layout === "positional") {
    return walkParts({ ...plan, format });
  }
  const names = planNames(format, plan.wanted);
  return names === undefined
    ? undefined
    : walkNamed({
        plan: { ...plan, format },
        bindings: runtime.openNames(format, names).takeBindings(),
      });
}

interface Scanned {
  readonly format: ScannedFormat;
  /** What a header says of every time. */
  readonly baseTime: TimeComponents;
}

/** The code of a fallback leaves a line with more behind it to both formats in their order. */
function toExclusive(fallback: LineFormat | undefined): Scanned | undefined {
  return fallback?.layout === "positional"
    ? { format: { ...fallback, rest: "none" }, baseTime: {} }
    : undefined;
}

function scannedOf(format: LineFormat, header: LogHeader | undefined): Scanned | undefined {
  if (format.layout !== "header") {
    return { format, baseTime: {} };
  }
  const columns = fromHeader(header ?? format.initial, format.durationUnit);
  const hasTime = columns?.parts.some((part) => part.kind === "time" && part.isUsed) ?? false;
  return columns === undefined
    ? undefined
    : { format: columns, baseTime: hasTime ? timeOf(header ?? format.initial) : {} };
}

/** Every line by the reference parser. */
function runSlowly(
  runtime: ScanRuntime,
  _: Uint8Array,
  __: DataView,
  { start, end }: Range,
): number {
  let at = start;
  while (at < end && !runtime.isStopped) {
    at = runtime.addSlowly(at);
  }
  return at;
}
