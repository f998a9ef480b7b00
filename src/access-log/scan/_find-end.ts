// The end of a value, when it is not the first occurrence of the literal behind it: the rules of
// line-format.ts over bytes.

import type { Part, PositionalFormat } from "../format/line-format.ts";
import { isDigitsFirst } from "../format/time-layout.ts";

const newline = 10;
const carriageReturn = 13;
const space = 32;
const comma = 44;
const colon = 58;
const backslash = 92;

/** Where a value ends that starts at `at`; -1 when it does not end in its line. */
export type EndFinder = (bytes: Uint8Array, at: number) => number;

/** For the values of one part of a format. */
export function createEndFinder(format: PositionalFormat, part: number): EndFinder {
  const value = format.parts[part];
  const next = format.parts[part + 1];
  const endsAtSpace = format.rest === "ignored";
  if (next?.kind !== "literal") {
    return (bytes, at) => {
      const end = lineEnd(bytes, at);
      const found = endsAtSpace ? bytes.indexOf(space, at) : -1;
      return found >= 0 && found < end ? found : end;
    };
  }
  const literal = Uint8Array.from(Buffer.from(next.text, "utf8"));
  const [first = 0] = literal;
  const stepsOver =
    value?.kind === "value" && value.escape === "backslash" && next.text.startsWith('"');
  const isList = value?.kind === "value" && value.isList;
  const canFollow = createFollowers(format.parts[part + 2], endsAtSpace);
  return (bytes, at) => {
    const end = lineEnd(bytes, at);
    for (let from = at; from + literal.length <= end; from++) {
      const byte = bytes[from];
      if (byte === backslash && stepsOver) {
        from++;
      } else if (isList && separatorLength(bytes, from) > 0) {
        from += separatorLength(bytes, from) - 1;
      } else if (byte === first && stands(literal, bytes, from)) {
        const behind = from + literal.length;
        if (canFollow(behind < end ? (bytes[behind] ?? 0) : newline)) {
          return from;
        }
      }
    }
    return -1;
  };
}

/** Of `, ` and ` : ` between the elements of a list; 0: it is none. */
function separatorLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] === comma) {
    return bytes[at + 1] === space ? 2 : 0;
  }
  return bytes[at] === space && bytes[at + 1] === colon && bytes[at + 2] === space ? 3 : 0;
}

/** Without a carriage return in front of it. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(newline, at);
  return bytes[end - 1] === carriageReturn && end > at ? end - 1 : end;
}

function stands(literal: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let offset = 1; offset < literal.length; offset++) {
    if (bytes[at + offset] !== literal[offset]) {
      return false;
    }
  }
  return true;
}

/** Whether a byte can begin what is behind the literal; the end of the line is a newline. */
function createFollowers(
  behind: Part | undefined,
  endsAtSpace: boolean,
): (byte: number) => boolean {
  if (behind === undefined) {
    return (byte) => byte === newline || (endsAtSpace && byte === space);
  }
  if (behind.kind === "value" && behind.begins === "number") {
    return (byte) => /[0-9+.-]/.test(String.fromCharCode(byte));
  }
  return behind.kind === "time" && isDigitsFirst(behind.layout)
    ? (byte) => byte >= 0x30 && byte <= 0x39
    : () => true;
}
