// The end of a value, when it is not the first occurrence of the literal behind it: the rules of
// line-format.ts over bytes.

import type { PositionalFormat } from "../format/line-format.ts";
import { isDigitsFirst } from "../format/time-layout.ts";

const newline = 10;
const carriageReturn = 13;
const space = 32;
const backslash = 92;

/** Where the value of a part ends that starts at `at`; -1 when it does not end in its line. */
export function findEnd(
  format: PositionalFormat,
  part: number,
  { bytes, at }: { readonly bytes: Uint8Array; readonly at: number },
): number {
  const value = format.parts[part];
  const next = format.parts[part + 1];
  const lineEnd = bytes.indexOf(newline, at);
  const end = bytes[lineEnd - 1] === carriageReturn && lineEnd > at ? lineEnd - 1 : lineEnd;
  if (next?.kind !== "literal") {
    const found = format.rest === "ignored" ? bytes.indexOf(space, at) : -1;
    return found >= 0 && found < end ? found : end;
  }
  const literal = Buffer.from(next.text, "utf8");
  const stepsOver =
    value?.kind === "value" && value.escape === "backslash" && next.text.startsWith('"');
  for (let from = at; from + literal.length <= end; from++) {
    if (stepsOver && bytes[from] === backslash) {
      from++;
    } else if (
      literal.every((byte, offset) => bytes[from + offset] === byte) &&
      counts(format, part, { bytes, at: from + literal.length, end })
    ) {
      return from;
    }
  }
  return -1;
}

/** Whether what is behind the literal can begin the part after it. */
function counts(
  format: PositionalFormat,
  part: number,
  { bytes, at, end }: { readonly bytes: Uint8Array; readonly at: number; readonly end: number },
): boolean {
  const behind = format.parts[part + 2];
  if (behind === undefined) {
    return at === end || (format.rest === "ignored" && bytes[at] === space);
  }
  const first = at < end ? String.fromCharCode(bytes[at] ?? 0) : "";
  if (behind.kind === "value" && behind.begins === "number") {
    return /[0-9+.-]/.test(first);
  }
  return behind.kind !== "time" || !isDigitsFirst(behind.layout) || /\d/.test(first);
}
