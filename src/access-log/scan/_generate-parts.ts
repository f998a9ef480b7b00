// Generates the code that walks through one line. It only follows what is usual; whatever is odd is
// `break fast`, which hands the whole line to the reference parser. So the code may be narrow, but
// what it accepts has to mean what line-format.ts says. Texts of a format get into the code as the
// numbers of their bytes and in no other way.

import { type FieldName, isWhole } from "../format/fields.ts";
import type {
  EndpointValue,
  Escape,
  NumberValue,
  OptionalPart,
  Part,
  PositionalFormat,
  RequestValue,
  StatusValue,
  TargetValue,
  ValuePart,
} from "../format/line-format.ts";
import { isDigitsFirst } from "../format/time-layout.ts";
import { keyTables, type ScanPlan, variableOf } from "./_scan-plan.ts";

/** What `x` holds for a value with escapes in it, for ScanRuntime.textOf; 0: it has none. */
export const escapeCodes: readonly Escape[] = ["none", "backslash", "hash", "plus"];

/** The sign that begins an escape; 0: there is none. */
const escapeSigns: Readonly<Record<Escape, number>> = {
  none: 0,
  backslash: 92,
  hash: 35,
  plus: 43,
};

interface Place {
  readonly plan: ScanPlan;
  readonly index: number;
}

/** Undefined: the format has something that only the reference parser reads. */
export function generateParts(plan: ScanPlan): string | undefined {
  const { parts, mayHaveSyslogHeader } = plan.format;
  const code = [mayHaveSyslogHeader ? syslog : ""];
  for (const [index, part] of parts.entries()) {
    const piece = generatePart(part, { plan, index });
    if (piece === undefined) {
      return undefined;
    }
    code.push(piece);
  }
  code.push(lineEnd(plan.format));
  return code.join("\n");
}

const syslog = `
c = b[p];
if (c === 60 || (c >= 65 && c <= 90) || b[p + 4] === 45) { p = X.behindSyslog(p); }`;

function lineEnd({ rest }: PositionalFormat): string {
  const skip = rest === "ignored" ? "if (b[p] === 32) { p = b.indexOf(10, p); }" : "";
  return `${skip}
if (b[p] === 13) { p++; }
if (b[p] !== 10) { break fast; }
p++;
if (p - ls > LINE_MAX) { break fast; }`;
}

function generatePart(part: Part, place: Place): string | undefined {
  switch (part.kind) {
    case "literal":
      return isBehindValue(place)
        ? `p += ${toBytes(part.text).length};`
        : `if (!(${stands(part.text, "p")})) { break fast; } p += ${toBytes(part.text).length};`;
    case "time":
      return generateTime(place);
    case "optional":
      return generateOptional(part, place);
    case "value":
      return generateValue(part, place);
  }
}

/** Then the value has found the literal already. */
function isBehindValue({ plan, index }: Place): boolean {
  return index > 0 && plan.format.parts[index - 1]?.kind === "value";
}

/** The same bytes as in the line before mean the same time. */
function generateTime({ plan, index }: Place): string {
  const behind = plan.format.parts[index + 1];
  const isSafe = behind === undefined || behind.kind === "literal";
  return `
q = L${index};
${isSafe ? "" : "q = 0;"}
if (q > 0) {
  k = 0;
  while (k < q && v.getInt32(p + k, true) === V${index}.getInt32(k, true)) { k += 4; }
  if (k < q && (k + 4 <= q || ((v.getInt32(p + k, true) ^ V${index}.getInt32(k, true)) & MASK[q - k]) !== 0)) { q = 0; }
}
if (q === 0) {
  q = X.readTime(${index}, p);
  if (q === 0) { break fast; }
  L${index} = q; isNewTime = true;
}
p += q;`;
}

function generateOptional(part: OptionalPart, place: Place): string | undefined {
  const { value } = part;
  if (value.type !== "text" && value.type !== "skipped") {
    return undefined;
  }
  const open = toBytes(part.open);
  const close = toBytes(part.close);
  const name = value.type === "text" ? wantedName(value.field, place) : undefined;
  const [found, absent] =
    name === undefined
      ? ["", ""]
      : [
          range(name, { escaped: escapeCode(part.escape), hash: "0" }),
          `${variableOf(name, "start")} = -1;`,
        ];
  return `
if (${stands(part.open, "p")}) {
  s = p + ${open.length};
  for (p = s; !(${stands(part.close, "p")}); p++) { if (b[p] === 10) { break fast; } }
  ${found}
  p += ${close.length};
} else { ${absent} }`;
}

function generateValue(part: ValuePart, place: Place): string | undefined {
  const next = place.plan.format.parts[place.index + 1];
  if (next !== undefined && next.kind !== "literal") {
    return undefined;
  }
  const quoted = part.quotes === "optional" ? "if (b[p] === 34) { break fast; }" : "";
  const code = generateByType(part, place);
  return code === undefined ? undefined : `${quoted}\n${code}`;
}

function generateByType(part: ValuePart, place: Place): string | undefined {
  const { value } = part;
  switch (value.type) {
    case "skipped":
      return generateEnd(part, place, undefined);
    case "text":
      return generateText(part, place);
    case "number":
      return generateNumber(value, part, place);
    case "status":
      return generateStatus(value, part, place);
    case "endpoint":
      return generateEndpoint(value, part, place);
    case "request":
    case "target":
      return generateTarget(value, part, place);
  }
}

function generateText(part: ValuePart, place: Place): string {
  const { value } = part;
  const name = value.type === "text" ? wantedName(value.field, place) : undefined;
  const found = generateEnd(part, place, name);
  if (name === undefined || value.type !== "text") {
    return found;
  }
  const missing = ["-", ...(value.missing ?? [])].map((text) => {
    const bytes = toBytes(text);
    return `(e - s === ${bytes.length}${bytes.length === 0 ? "" : ` && ${stands(text, "s")}`})`;
  });
  return `${found}
if (e === s || ${missing.join(" || ")}) { ${variableOf(name, "start")} = -1; } else {
  ${range(name, { escaped: "x", hash: "h" })}
}`;
}

function range(name: FieldName, { escaped, hash }: { escaped: string; hash: string }): string {
  const end = hash === "0" ? "p" : "e";
  return `${variableOf(name, "start")} = s; ${variableOf(name, "end")} = ${end};
${variableOf(name, "escaped")} = ${escaped}; ${variableOf(name, "hash")} = ${hash};
${variableOf(name, "check")} = j;`;
}

/**
 * Leaves `s` and `e` at the value and `p` behind it; with a name also its hash in `h`, and in `x`
 * whether it has escapes. Words of four bytes are looked at until one holds a byte that may matter.
 */
export function generateEnd(part: ValuePart, place: Place, name: FieldName | undefined): string {
  const stops = stopsOf(part, place);
  const isHashed = name !== undefined;
  const sign = escapeSigns[part.escape];
  const signs = isHashed || stops.stepsOverEscapes ? [sign] : [];
  const list = part.isList ? [44] : [];
  const watched = [...new Set([...stops.first, 10, ...signs, ...list])].filter((byte) => byte > 0);
  const hash = isHashed ? hashWord("w") : "";
  const tail = isHashed ? hashTail("e - s") : "";
  return `
s = p; h = 0; j = 0; x = 0;
for (;;) {
  w = v.getInt32(p, true);
  ${watched.map((byte, at) => `y = w ^ ${byte * 0x0101_0101}; m ${at === 0 ? "" : "|"}= (y - 0x01010101) & ~y;`).join("\n  ")}
  m &= 0x80808080;
  if (m !== 0) { break; }
  ${hash}
  p += 4;
}
k = (31 - Math.clz32(m & -m)) >> 3;
p += k; e = p;
if (${stops.condition}) {
  ${tail}
  ${part.isList ? "if (b[p] === 32 && b[p + 1] === 58) { break fast; }" : ""}
} else {
  ${part.isList ? "break fast;" : ""}
  e = X.findEnd(${place.index}, s);
  if (e < 0) { break fast; }
  p = e;
  ${isHashed ? `h = hashKey(v, s, e); j = checkKey(v, s, e); x = ${sign === 0 ? "0" : `X.hasByte(${sign}, s, e) ? ${escapeCode(part.escape)} : 0`};` : ""}
}
${part.isList ? "if (X.isList(s, e)) { break fast; }" : ""}
${stops.isLast ? "if (e > s && b[p] === 10 && b[p - 1] === 13) { e--; h = hashKey(v, s, e); j = checkKey(v, s, e); }" : ""}`;
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
function endCondition({ plan, index }: Place, at: string): string {
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

/** A literal that a number could run into is left to the reference parser. */
function endsNumbers({ plan, index }: Place): boolean {
  const next = plan.format.parts[index + 1];
  return next?.kind !== "literal" || !/^[-0-9.+eE]/.test(next.text);
}

function generateNumber(value: NumberValue, part: ValuePart, place: Place): string | undefined {
  if (!endsNumbers(place)) {
    return undefined;
  }
  const name = place.plan.wanted.has(value.field) ? value.field : undefined;
  const target = name === undefined ? "n" : variableOf(name, "number");
  const missing = value.whenMissing === undefined ? "NaN" : String(Number(value.whenMissing));
  const divisor = String(Number(value.divisor));
  const whole = isWhole(value.field) ? `if (k > 0 || ${target} % 1 !== 0) { break fast; }` : "";
  const minusOne = (value.missing ?? []).includes("-1")
    ? `else if (b[p + 1] === 49 && ${endCondition(place, "(p + 2)")}) { p += 2; }`
    : "";
  const list = part.isList
    ? "if (b[p] === 44 || (b[p] === 32 && b[p + 1] === 58)) { break fast; }"
    : "";
  return `
s = p; n = 0; k = 0; c = b[p];
while (c >= 48 && c <= 57) { n = n * 10 + (c - 48); p++; c = b[p]; }
q = p - s;
if (c === 46) {
  p++; s = p; c = b[p];
  while (c >= 48 && c <= 57) { n = n * 10 + (c - 48); p++; c = b[p]; }
  k = p - s; q += k;
  if (q === 0) { break fast; }
}
if (q === 0) {
  if (c !== 45) { break fast; }
  if (${endCondition(place, "(p + 1)")}) { p++; } ${minusOne} else { break fast; }
  ${target} = ${missing};
} else {
  if (q > 15 || !${endCondition(place, "p")}) { break fast; }
  ${target} = k === 0 ? n / ${divisor} : n / (POWERS[k] * ${divisor});
  ${whole}
}
${list}`;
}

function generateStatus(_: StatusValue, part: ValuePart, place: Place): string | undefined {
  if (!endsNumbers(place) || part.isList) {
    return undefined;
  }
  const target = variableOf("status", "number");
  return `
if (b[p] >= 48 && b[p] <= 57 && b[p + 1] >= 48 && b[p + 1] <= 57 && b[p + 2] >= 48 && b[p + 2] <= 57) {
  ${target} = b[p] * 100 + b[p + 1] * 10 + b[p + 2] - 5328;
  p += 3;
} else if (b[p] === 45) { ${target} = NaN; p++; } else { break fast; }
if (!${endCondition(place, "p")}) { break fast; }`;
}

function generateEndpoint(value: EndpointValue, part: ValuePart, place: Place): string | undefined {
  const next = place.plan.format.parts[place.index + 1];
  if (next?.kind !== "literal" || next.text.startsWith(":") || part.isList) {
    return undefined;
  }
  const host = value.host === undefined ? undefined : wantedName(value.host, place);
  const port =
    value.port !== undefined && place.plan.wanted.has(value.port) ? value.port : undefined;
  const sign = escapeSigns[part.escape];
  return `
s = p; q = -1;
for (;;) {
  c = b[p];
  if (c === 58) { q = p; }
  else if (c === ${toBytes(next.text)[0] ?? 0} && ${endCondition(place, "p")}) { break; }
  else if (c === 10${sign === 0 ? "" : ` || c === ${sign}`}) { break fast; }
  p++;
}
e = p; n = NaN;
if (q >= 0 && p - q > 1 && p - q <= 16) {
  n = 0;
  for (k = q + 1; k < p; k++) {
    c = b[k] - 48;
    if (c < 0 || c > 9) { n = NaN; break; }
    n = n * 10 + c;
  }
  if (n === n) { e = q; } else if (b[q + 1] === 45) { break fast; }
}
${port === undefined ? "" : `${variableOf(port, "number")} = n;`}
${
  host === undefined
    ? ""
    : `if (e === s || (e - s === 1 && b[s] === 45)) { ${variableOf(host, "start")} = -1; } else {
  x = 0; h = hashKey(v, s, e); j = checkKey(v, s, e); ${range(host, { escaped: "x", hash: "h" })} }`
}`;
}

/**
 * `METHOD /path?query PROTOCOL`, or the target alone. The hash and `pe` are those of the path, which
 * is what targets are counted by; `e` is the end of the target.
 */
function generateTarget(
  value: RequestValue | TargetValue,
  part: ValuePart,
  place: Place,
): string | undefined {
  const next = place.plan.format.parts[place.index + 1];
  if (next?.kind !== "literal" || part.isList) {
    return undefined;
  }
  const isRequest = value.type === "request";
  const first = toBytes(next.text)[0] ?? 0;
  const sign = escapeSigns[part.escape];
  const stops = [...new Set([63, 10, first, ...(isRequest ? [32] : []), sign])].filter(
    (byte) => byte > 0,
  );
  const appended =
    value.type === "target" && value.hasAppendedQuery
      ? "if (pe === e && b[e - 1] === 45) { e--; pe = e; h = hashKey(v, s, pe); j = checkKey(v, s, pe); }"
      : "";
  const end = isRequest
    ? `if (b[p] !== 32) { break fast; }
e = p;
${protocol(place, sign)}`
    : `if (!${endCondition(place, "p")}) { break fast; } e = p;`;
  return `
${isRequest ? method(place) : ""}
if (b[p] !== 47) { break fast; }
s = p; h = 0; j = 0;
for (;;) {
  w = v.getInt32(p, true);
  ${stops.map((byte, at) => `y = w ^ ${byte * 0x0101_0101}; m ${at === 0 ? "" : "|"}= (y - 0x01010101) & ~y;`).join("\n  ")}
  m &= 0x80808080;
  if (m !== 0) { break; }
  ${hashWord("w")}
  p += 4;
}
k = (31 - Math.clz32(m & -m)) >> 3;
p += k; pe = p;
${hashTail("pe - s")}
c = b[p];
if (c === 63) {
  while (c !== ${isRequest ? 32 : first} && c !== ${first} && c !== 10${sign === 0 ? "" : ` && c !== ${sign}`}) { p++; c = b[p]; }
} else {
}
${sign === 0 ? "" : `if (c === ${sign}) { break fast; }`}
${end}
${appended}
ts = s; te = pe; tq = e; th = h; tj = j;`;
}

function method(place: Place): string {
  const keep = wantedName("method", place);
  return `
s = p; c = b[p];
while ((c >= 65 && c <= 90) || (c >= 97 && c <= 122)) { p++; c = b[p]; }
if (c !== 32 || p === s || p - s > 32) { break fast; }
${keep === undefined ? "" : `e = p; x = 0; h = hashKey(v, s, e); j = checkKey(v, s, e); ${range(keep, { escaped: "x", hash: "h" })}`}
p++;`;
}

function protocol(place: Place, sign: number): string {
  const keep = wantedName("protocol", place);
  const next = place.plan.format.parts[place.index + 1];
  const first = next?.kind === "literal" ? (toBytes(next.text)[0] ?? 0) : 10;
  return `
p++;
if (v.getInt32(p, true) !== 0x50545448 || b[p + 4] !== 47) { break fast; }
q = p; p += 5; c = b[p];
while (c !== ${first} && c !== 32 && c !== 10${sign === 0 ? "" : ` && c !== ${sign}`}) { p++; c = b[p]; }
if (p - q < 6 || !${endCondition(place, "p")}) { break fast; }
${
  keep === undefined
    ? ""
    : `${variableOf("protocol", "start")} = q; ${variableOf("protocol", "end")} = p;
${variableOf("protocol", "escaped")} = 0; ${variableOf("protocol", "hash")} = 0;`
}`;
}

function wantedName(name: FieldName, { plan }: Place): FieldName | undefined {
  return Object.hasOwn(keyTables, name) || plan.wanted.has(name) ? name : undefined;
}

/** As hashKey and checkKey do, both at once. */
function hashWord(word: string): string {
  return `y = Math.imul(${word}, F1); y = Math.imul((y << 15) | (y >>> 17), F2); h ^= y;
h = (Math.imul((h << 13) | (h >>> 19), 5) + 0x64e6546b) | 0; j = Math.imul(j + y, F3);`;
}

function hashTail(length: string): string {
  return `w &= MASK[k]; ${hashWord("w")} h = mix(h, ${length}); j ^= ${length};`;
}

function escapeCode(escape: Escape): string {
  return String(escapeCodes.indexOf(escape));
}

/** That the bytes of a text stand at `at`. */
function stands(text: string, at: string): string {
  return toBytes(text)
    .map((byte, offset) => `b[${at} + ${offset}] === ${byte}`)
    .join(" && ");
}

function toBytes(text: string): number[] {
  return [...Buffer.from(text, "utf8")];
}
