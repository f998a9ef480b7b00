// The reference parser: reads a line by the rules of line-format.ts, slowly and obviously. The
// scanner compiled for speed is compared with it, and people who want to see how one line is
// understood are answered by it.

import type { Entry } from "./fields.ts";
import { decodeUtf8 } from "./decode-text.ts";
import {
  boundFields,
  type FailureReason,
  type HeaderFormat,
  type LineFormat,
  type LogHeader,
  type PatternFormat,
} from "./line-format.ts";
import { readKeyed, readNamedValue } from "./_read-keyed.ts";
import { readPositional } from "./_read-positional.ts";
import { createDraft, type Draft, lastingOf, toEntry } from "./_read-value.ts";
import { fromHeader, readDirective, timeOf } from "./w3c-format.ts";
import { utcClock, type ZoneClock } from "./zone-clock.ts";

/** What one line is. Comments are the lines of a W3C log that start with `#`. */
export type LineOutcome =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "comment" }
  | { readonly kind: "unparsed"; readonly reason: FailureReason };

/** Reads the lines of one log, in their order. */
export interface SlowParser {
  /** A line without its end; a string stands for its UTF-8. */
  readonly parse: (line: string | Uint8Array) => LineOutcome;
  /** What a W3C log has said so far: kept with the position in the file. */
  readonly header: () => LogHeader | undefined;
  /** How long after its time the request of the last entry ended; 0 where nothing says it. */
  readonly lastingMs: () => number;
}

/** `zone`: of times without an offset; UTC when not given. `header`: where an earlier parser was. */
export function createSlowParser(
  format: LineFormat,
  { zone = utcClock, header }: { readonly zone?: ZoneClock; readonly header?: LogHeader } = {},
): SlowParser {
  let current = header ?? (format.layout === "header" ? format.initial : undefined);
  const bound = boundFields(format);
  let lastingMs = 0;
  return {
    header: () => current,
    lastingMs: () => lastingMs,
    parse(line) {
      const bytes = typeof line === "string" ? Buffer.from(line, "utf8") : Buffer.from(line);
      const latin1 = bytes.toString("latin1").replace(/\r$/, "");
      if (/^[ \t]*$/.test(latin1)) {
        return { kind: "unparsed", reason: "empty_line" };
      }
      if (format.layout === "header" && latin1.startsWith("#")) {
        current = readDirective(current ?? format.initial, latin1);
        return { kind: "comment" };
      }
      const draft = createDraft("timeIs" in format ? format.timeIs : "end");
      const failure = readInto(draft, format, { latin1, header: current });
      lastingMs = lastingOf(draft, bound);
      const result = failure ?? toEntry(draft, zone, lastingMs);
      return typeof result === "string"
        ? { kind: "unparsed", reason: result }
        : { kind: "entry", entry: result };
    },
  };
}

/** Reads one line on its own; see createSlowParser. */
export function parseLineSlowly(
  format: LineFormat,
  line: string | Uint8Array,
  zone: ZoneClock = utcClock,
): LineOutcome {
  return createSlowParser(format, { zone }).parse(line);
}

interface Line {
  readonly latin1: string;
  readonly header: LogHeader | undefined;
}

function readInto(
  draft: Draft,
  format: LineFormat,
  { latin1, header }: Line,
): FailureReason | undefined {
  switch (format.layout) {
    case "positional":
      return readPositional(format, latin1, draft);
    case "keyed":
      return readKeyed(format, toText(latin1), draft);
    case "pattern":
      return readPattern(format, toText(latin1), draft);
    case "header":
      return readBehindHeader(format, { latin1, header }, draft);
  }
}

function toText(latin1: string): string {
  return decodeUtf8(Buffer.from(latin1, "latin1"));
}

function readBehindHeader(
  format: HeaderFormat,
  { latin1, header = format.initial }: Line,
  draft: Draft,
): FailureReason | undefined {
  const columns = fromHeader(header, format.durationUnit);
  if (columns === undefined) {
    return "no_header";
  }
  const failure = readPositional(columns, latin1, draft);
  const hasTime = Object.keys(draft.time).length > 0;
  draft.time = hasTime ? { ...timeOf(header), ...draft.time } : {};
  return failure;
}

function readPattern(
  { pattern, groups }: PatternFormat,
  line: string,
  draft: Draft,
): FailureReason | undefined {
  const found = pattern.exec(line);
  if (found === null) {
    return "wrong_layout";
  }
  for (const { group, value } of groups) {
    const text = found.groups?.[group];
    const failure = text === undefined ? undefined : readNamedValue(value, text, draft);
    if (failure !== undefined) {
      return failure;
    }
  }
  return undefined;
}
