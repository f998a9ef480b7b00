// The reference reading of positional formats: the rules of line-format.ts, one function each.

import { decodeText } from "./decode-text.ts";
import type {
  FailureReason,
  LiteralPart,
  OptionalPart,
  Part,
  PositionalFormat,
  ValuePart,
} from "./line-format.ts";
import { type Draft, readValue } from "./_read-value.ts";
import { readTime } from "./read-time.ts";
import { syslogHeaderLength } from "./syslog-header.ts";
import { isDigitsFirst } from "./time-layout.ts";

/** Where the next part starts, or why the line has failed. */
type Step = number | FailureReason;

/** Reads `line`, its bytes as latin1, into the draft; returns why it cannot, or undefined. */
export function readPositional(
  format: PositionalFormat,
  line: string,
  draft: Draft,
): FailureReason | undefined {
  let at = format.mayHaveSyslogHeader ? syslogHeaderLength(line) : 0;
  for (const index of format.parts.keys()) {
    const step = readPart({ format, index, line, at }, draft);
    if (typeof step !== "number") {
      return step;
    }
    at = step;
  }
  return endsAt(format, line, at) ? undefined : "wrong_layout";
}

interface Place {
  readonly format: PositionalFormat;
  /** Of the part. */
  readonly index: number;
  readonly line: string;
  /** Where the part starts. */
  readonly at: number;
}

function readPart(place: Place, draft: Draft): Step {
  const { format, index, line, at } = place;
  const part = format.parts[index];
  switch (part?.kind) {
    case undefined:
      return "wrong_layout";
    case "literal":
      return readLiteral(place, part);
    case "time": {
      const found = readTime(line, at, part.layout);
      if (found === undefined) {
        return "bad_time";
      }
      if (part.isUsed) {
        draft.time = { ...found.components, ...draft.time };
      }
      return found.end;
    }
    case "optional":
      return readOptional(place, part, draft);
    case "value":
      return readValuePart(place, part, draft);
  }
}

function readLiteral({ format, index, line, at }: Place, part: LiteralPart): Step {
  const text = toLatin1(part.text);
  if (line.startsWith(text, at)) {
    return at + text.length;
  }
  const isLast = index === format.parts.length - 1;
  const isCut = isLast && format.mayBeCut && at === line.length;
  return isCut ? at : "wrong_layout";
}

function readOptional({ line, at }: Place, part: OptionalPart, draft: Draft): Step {
  if (!line.startsWith(part.open, at)) {
    return at;
  }
  const from = at + part.open.length;
  const end = line.indexOf(part.close, from);
  if (end < 0) {
    return at;
  }
  const text = {
    raw: line.slice(from, end),
    decode: (raw: string) => decodeText(raw, part.escape),
  };
  return readValue(part.value, text, draft) ?? end + part.close.length;
}

function readValuePart(place: Place, part: ValuePart, draft: Draft): Step {
  const isQuoted = part.quotes === "optional" && place.line[place.at] === '"';
  const from = isQuoted ? place.at + 1 : place.at;
  const end = isQuoted ? findClosingQuote(place, from) : findEnd(place, part);
  if (end === undefined) {
    return "wrong_layout";
  }
  const text = {
    raw: place.line.slice(from, end),
    decode: (raw: string) => decodeText(isQuoted ? raw.replaceAll('""', '"') : raw, part.escape),
  };
  return readValue(part.value, text, draft) ?? (isQuoted ? end + 1 : end);
}

/** The first quote that is not doubled, with the next part behind it. */
function findClosingQuote({ line, format, index }: Place, from: number): number | undefined {
  let at = line.indexOf('"', from);
  while (at >= 0 && line[at + 1] === '"') {
    at = line.indexOf('"', at + 2);
  }
  const next = format.parts[index + 1];
  const isFollowed =
    next === undefined
      ? endsAt(format, line, at + 1)
      : next.kind === "literal" && line.startsWith(toLatin1(next.text), at + 1);
  return at >= 0 && isFollowed ? at : undefined;
}

function findEnd(place: Place, part: ValuePart): number | undefined {
  const { format, index, line, at } = place;
  const next = format.parts[index + 1];
  if (next?.kind !== "literal") {
    const space = format.rest === "ignored" ? line.indexOf(" ", at) : -1;
    return space < 0 ? line.length : space;
  }
  const literal = toLatin1(next.text);
  const stepsOverEscapes = part.escape === "backslash" && literal.startsWith('"');
  for (let end = at; end <= line.length; end++) {
    if (stepsOverEscapes && line[end] === "\\") {
      end++;
    } else if (part.isList && line.startsWith(", ", end)) {
      end++;
    } else if (part.isList && line.startsWith(" : ", end)) {
      end += 2;
    } else if (line.startsWith(literal, end) && counts(place, end + literal.length)) {
      return end;
    }
  }
  const isBeforeLast = index === format.parts.length - 2;
  return format.mayBeCut && isBeforeLast ? line.length : undefined;
}

/** Whether the part behind the literal can begin at `at`. */
function counts({ format, index, line }: Place, at: number): boolean {
  const behind: Part | undefined = format.parts[index + 2];
  if (behind === undefined) {
    return endsAt(format, line, at);
  }
  const first = line[at] ?? "";
  if (behind.kind === "value" && behind.begins === "number") {
    return /[0-9+.-]/.test(first);
  }
  return behind.kind !== "time" || !isDigitsFirst(behind.layout) || /\d/.test(first);
}

function endsAt({ rest }: PositionalFormat, line: string, at: number): boolean {
  return at === line.length || (rest === "ignored" && line[at] === " ");
}

function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
