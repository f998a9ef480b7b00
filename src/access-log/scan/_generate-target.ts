// Generates the reading of requests and targets.

import {
  fieldsOf,
  type RequestValue,
  type TargetValue,
  type ValuePart,
} from "../format/line-format.ts";
import {
  endCondition,
  escapeSigns,
  hashTail,
  hashWord,
  type Place,
  range,
  toBytes,
  wantedName,
} from "./_generate-end.ts";
import { variableOf } from "./_scan-plan.ts";

/**
 * `METHOD /path?query PROTOCOL`, or the target alone. The hash and `pe` are those of the path, which
 * is what targets are counted by; `e` is the end of the target.
 */
export function generateTarget(
  value: RequestValue | TargetValue,
  part: ValuePart,
  place: Place,
): string | undefined {
  if (part.isList) {
    return undefined;
  }
  const isRequest = value.type === "request";
  const first = firstByteBehind(place);
  const sign = escapeSigns[part.escape];
  const returns = returnsBehind(place);
  const stops = [...new Set([63, 10, first, ...returns, ...(isRequest ? [32] : []), sign])].filter(
    (byte) => byte > 0,
  );
  const appended =
    value.type === "target" && value.hasAppendedQuery
      ? "if (pe === e && b[e - 1] === 45) { e--; pe = e; h = hashKey(v, s, pe); j = checkKey(v, s, pe); }"
      : "";
  const end = isRequest
    ? `if (b[p] !== 32) { break usual; }
e = p;
${protocol(place, sign)}`
    : `if (!${endCondition(place, "p")}) { break usual; } e = p;`;
  return `
o = p; tt = undefined; ${hasOwnHost(place) ? "" : `${variableOf("host", "start")} = -1;`}
usual: {
${isRequest ? method(place) : ""}
${hasOwnHost(place) ? "if (b[p] !== 47) { break usual; }" : absolute}
s = p; h = 0; j = 0;
for (;;) {
  w = v.getInt32(p, true);
  ${stops.map((byte, at) => `y = w ^ ${byte * 0x0101_0101}; m ${at === 0 ? "" : "|"}= y - 0x01010101;`).join("\n  ")}
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
  while (c !== ${isRequest ? 32 : first} && c !== ${first} && c !== 10${returns.length === 0 ? "" : " && c !== 13"}${sign === 0 ? "" : ` && c !== ${sign}`}) { p++; c = b[p]; }
}
${sign === 0 ? "" : `if (c === ${sign}) { break usual; }`}
${end}
${appended}
ts = s; te = pe; tq = e; th = h; tj = j;
o = -1;
}
if (o >= 0) { ${oddTarget(place, isRequest)} }`;
}

/** What the target from `o` on is, wherever it ends: a text of its own, or nothing. */
function oddTarget(place: Place, isRequest: boolean): string {
  const all = isRequest ? (["method", "protocol"] as const) : [];
  const names = all.flatMap((name) => wantedName(name, place) ?? []);
  const pieces = names.map((name) => `${variableOf(name, "start")} = -1;`).join(" ");
  return `p = X.findEnd(${place.index}, o);
  if (p < 0) { break fast; }
  odd = X.readOddTarget(${place.index}, o, p);
  if (odd.isAbsolute${names.length > 0 ? " || odd.hasMethod" : ""}) { break fast; }
  ts = -1; tt = odd.target; ${hasOwnHost(place) ? "" : `${variableOf("host", "start")} = -1;`} ${pieces}`;
}

/** Of the literal, or the end of the line, behind the part. */
function firstByteBehind({ plan, index }: Place): number {
  const next = plan.format.parts[index + 1];
  return next?.kind === "literal" ? (toBytes(next.text)[0] ?? 0) : 10;
}

/** A carriage return may stand in front of the end of the line. */
function returnsBehind({ plan, index }: Place): readonly number[] {
  return plan.format.parts[index + 1] === undefined ? [13] : [];
}

/** Whether a part of its own says the host, or somebody wants to know the scheme. */
function hasOwnHost({ plan }: Place): boolean {
  const { format, wanted } = plan;
  return (
    wanted.has("scheme") ||
    format.parts.some(
      (part) =>
        (part.kind === "value" || part.kind === "optional") &&
        (part.value.type === "text" || part.value.type === "endpoint") &&
        fieldsOf(part.value).some((name) => name === "host" || name === "scheme"),
    )
  );
}

const [hostStart, hostEnd] = [variableOf("host", "start"), variableOf("host", "end")];

/** `http://host/path`, as Varnish logs them: the host counts. */
const absolute = `
if (b[p] !== 47) {
  p = X.behindHost(p);
  if (p < 0) { break usual; }
  ${hostStart} = X.hostStart; ${hostEnd} = X.hostEnd;
  if (${hostStart} >= 0) {
    ${variableOf("host", "escaped")} = 0;
    ${variableOf("host", "hash")} = hashKey(v, ${hostStart}, ${hostEnd});
    ${variableOf("host", "check")} = checkKey(v, ${hostStart}, ${hostEnd});
  }
}`;

function method(place: Place): string {
  const keep = wantedName("method", place);
  return `
s = p; c = b[p];
while ((c >= 65 && c <= 90) || (c >= 97 && c <= 122)) { p++; c = b[p]; }
if (c !== 32 || p === s || p - s > 32) { break usual; }
${keep === undefined ? "" : `e = p; x = 0; h = hashKey(v, s, e); j = checkKey(v, s, e); ${range(keep, "x")}`}
p++;`;
}

function protocol(place: Place, sign: number): string {
  const keep = wantedName("protocol", place);
  const first = firstByteBehind(place);
  const returns = returnsBehind(place);
  return `
p++;
if (v.getInt32(p, true) !== 0x50545448 || b[p + 4] !== 47) { break usual; }
q = p; p += 5; c = b[p];
while (c !== ${first} && c !== 32 && c !== 10${returns.length === 0 ? "" : " && c !== 13"}${sign === 0 ? "" : ` && c !== ${sign}`}) { p++; c = b[p]; }
if (p - q < 6 || !${endCondition(place, "p")}) { break usual; }
${
  keep === undefined
    ? ""
    : `${variableOf("protocol", "start")} = q; ${variableOf("protocol", "end")} = p;
${variableOf("protocol", "escaped")} = 0; ${variableOf("protocol", "hash")} = hashKey(v, q, p);
${variableOf("protocol", "check")} = checkKey(v, q, p);`
}`;
}
