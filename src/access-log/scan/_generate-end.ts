// Generates what all parts need: where a value ends, the hash of a key, which variables hold it.

import type { FieldName } from "../format/fields.ts";
import type { Escape, PositionalFormat, ValuePart } from "../format/line-format.ts";
import { isDigitsFirst } from "../format/time-layout.ts";
import { keyTables, type ScanPlan, variableOf } from "./_scan-plan.ts";

/** What `x` holds for a value with escapes in it, for ScanRuntime.textOf; 0: it has none. */
export const escapeCodes: readonly Escape[] = ["none", "backslash", "hash", "plus"];
/** Added to it for a value in quotes that are doubled inside of it. */
export const doubledCode = 8;
/** Added to it for an address that is counted as its network. */
export const hiddenCode = 16;

/** The sign that begins an escape; 0: there is none. */
export const escapeSigns: Readonly<Record<Escape, number>> = {
  none: 0,
  backslash: 92,
  hash: 35,
  plus: 43,
};

/** How a line is walked through, for the code of a whole scanner. */
export interface Walk {
  /** What is declared in front of the loop over the lines. */
  readonly declarations: string;
  /** Names of number and text fields whose variables the walk sets beyond those that are wanted. */
  readonly fields: readonly FieldName[];
  /**
   * From the start of a line at `p` to behind its end, with what it says in variables; `break fast`
   * leaves it to the reference parser. It ends with the instant of the line in `t` and `late` ms
   * between that and the one at which it counts.
   */
  readonly code: string;
  /** Whether lines have a time. */
  readonly hasTime: boolean;
}

export interface Place {
  readonly plan: ScanPlan<PositionalFormat>;
  readonly index: number;
}

/**
 * Leaves `s` and `e` at the value and `p` behind it; with a name also its hash in `h`, and in `x`
 * whether it has escapes. Words of four bytes are looked at until one holds a byte that may matter:
 * a byte of `y` that is zero is the one that is sought, and taking one from each byte borrows from it.
 * Bytes above 127 are taken for such too, which costs time but does no harm: what is found is checked.
 */
export function generateEnd(part: ValuePart, place: Place, name: FieldName | undefined): string {
  const stops = stopsOf(part, place);
  const isHashed = name !== undefined;
  const plain = generatePlainEnd(part, place, { stops, isHashed });
  if (part.quotes === "none") {
    return plain;
  }
  return `
if (b[p] === 34) {
  p++; s = p; z = 0;
  for (;;) {
    while (b[p] !== 34 && b[p] !== 10) { p++; }
    if (b[p] === 10 || b[p + 1] !== 34) { break; }
    p += 2; z = ${doubledCode};
  }
  e = p; p++;
  if (b[e] === 10 || !${endCondition(place, "p")}) { break fast; }
  ${isHashed ? rehash(part.escape) : ""} x = x | z;
} else {
${plain}
}`;
}

/** For a value that was found in another way. */
function rehash(escape: Escape): string {
  const sign = escapeSigns[escape];
  const escaped = sign === 0 ? "0" : `X.hasByte(${sign}, s, e) ? ${escapeCode(escape)} : 0`;
  return `h = hashKey(v, s, e); j = checkKey(v, s, e); x = ${escaped};`;
}

interface EndParts {
  readonly stops: Stops;
  readonly isHashed: boolean;
}

function generatePlainEnd(part: ValuePart, place: Place, { stops, isHashed }: EndParts): string {
  const sign = escapeSigns[part.escape];
  // Escapes that cannot hide the end are only noticed.
  const isNoticed = isHashed && sign > 0 && !stops.stepsOverEscapes;
  const signs = stops.stepsOverEscapes ? [sign] : [];
  const list = part.isList ? [44] : [];
  const watched = [...new Set([...stops.first, 10, ...signs, ...list])].filter((byte) => byte > 0);
  const hash = isHashed ? hashWord("w") : "";
  const tail = isHashed ? hashTail("e - s") : "";
  const isEnd = part.isList
    ? `(${stops.condition}) && !(b[p] === 32 && b[p + 1] === 58) && b[p] !== 58`
    : stops.condition;
  return `
s = p; h = 0; j = 0; x = 0; z = 0;
for (;;) {
  w = v.getInt32(p, true);
  ${watched.map((byte, at) => `y = w ^ ${byte * 0x0101_0101}; m ${at === 0 ? "" : "|"}= y - 0x01010101;`).join("\n  ")}
  ${isNoticed ? `z |= (w ^ ${sign * 0x0101_0101}) - 0x01010101;` : ""}
  m &= 0x80808080;
  if (m !== 0) { break; }
  ${hash}
  p += 4;
}
k = (31 - Math.clz32(m & -m)) >> 3;
p += k; e = p;
if (${isEnd}) {
  ${tail}
  ${isNoticed ? `x = (z & 0x80808080) === 0 ? 0 : ${escapeCode(part.escape)};` : ""}
} else {
  e = X.findEnd(${place.index}, s);
  if (e < 0) { break fast; }
  p = e;
  ${isHashed ? rehash(part.escape) : ""}
}
${stops.isLast ? `if (e > s && b[p] === 10 && b[p - 1] === 13) { e--; ${isHashed ? "h = hashKey(v, s, e); j = checkKey(v, s, e);" : ""} }` : ""}`;
}

interface Stops {
  /** Bytes with which the end begins. */
  readonly first: readonly number[];
  /** That the value ends at p. */
  readonly condition: string;
  readonly stepsOverEscapes: boolean;
  readonly isLast: boolean;
}

function stopsOf(part: ValuePart, { plan, index }: Place): Stops {
  const { parts, rest } = plan.format;
  const next = parts[index + 1];
  if (next?.kind !== "literal") {
    const first = rest === "ignored" ? [10, 32] : [10];
    const condition = first.map((byte) => `b[p] === ${byte}`).join(" || ");
    return { first, condition, stepsOverEscapes: false, isLast: true };
  }
  const stepsOverEscapes = part.escape === "backslash" && next.text.startsWith('"');
  const condition = endCondition({ plan, index }, "p");
  return { first: toBytes(next.text).slice(0, 1), condition, stepsOverEscapes, isLast: false };
}

/** That the literal behind the part stands at `at`, and counts. */
export function endCondition({ plan, index }: Place, at: string): string {
  const { parts, rest } = plan.format;
  const next = parts[index + 1];
  if (next?.kind !== "literal") {
    const space = rest === "ignored" ? ` || b[${at}] === 32` : "";
    return `(b[${at}] === 10 || (b[${at}] === 13 && b[${at} + 1] === 10)${space})`;
  }
  const behind = parts[index + 2];
  const from = `${at} + ${toBytes(next.text).length}`;
  const conditions = [stands(next.text, at)];
  if (behind === undefined) {
    const space = rest === "ignored" ? ` || b[${from}] === 32` : "";
    conditions.push(`(b[${from}] === 10 || (b[${from}] === 13 && b[${from} + 1] === 10)${space})`);
  } else if (behind.kind === "value" && behind.begins === "number") {
    conditions.push(`startsNumber[b[${from}]] === 1`);
  } else if (behind.kind === "time" && isDigitsFirst(behind.layout)) {
    conditions.push(`b[${from}] >= 48 && b[${from}] <= 57`);
  }
  return `(${conditions.join(" && ")})`;
}

/** The value at [s, e) with its hashes in `h` and `j` is the field's. */
export function range(name: FieldName, escaped: string): string {
  return `${variableOf(name, "start")} = s; ${variableOf(name, "end")} = e;
${variableOf(name, "escaped")} = ${escaped}; ${variableOf(name, "hash")} = h;
${variableOf(name, "check")} = j;`;
}

export function wantedName(name: FieldName, { plan }: Place): FieldName | undefined {
  return Object.hasOwn(keyTables, name) || plan.wanted.has(name) ? name : undefined;
}

/** As hashKey and checkKey do, both at once. */
export function hashWord(word: string): string {
  return `y = Math.imul(${word}, F1); y = Math.imul((y << 15) | (y >>> 17), F2); h ^= y;
h = (Math.imul((h << 13) | (h >>> 19), 5) + 0x64e6546b) | 0; j = Math.imul(j + y, F3);`;
}

export function hashTail(length: string): string {
  return `w &= MASK[k]; ${hashWord("w")} h = mix(h, ${length}); j ^= ${length};`;
}

/** Adds a duration to `late`, if the line has it. */
export function addLasting(name: FieldName): string {
  const seconds = variableOf(name, "number");
  return `if (${seconds} === ${seconds}) { late += Math.round(${seconds} * 1000); }`;
}

export function escapeCode(escape: Escape): string {
  return String(escapeCodes.indexOf(escape));
}

/** That the bytes of a text stand at `at`. */
export function stands(text: string, at: string): string {
  return toBytes(text)
    .map((byte, offset) => `b[${at} + ${offset}] === ${byte}`)
    .join(" && ");
}

export function toBytes(text: string): number[] {
  return [...Buffer.from(text, "utf8")];
}

/** A number of the configuration, as code. */
export function toNumberCode(value: number): string {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new RangeError("only numbers get into generated code");
  }
  return String(value);
}
