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
${absolute(place)}
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
  while (c !== ${isRequest ? 32 : first} && c !== ${first} && c !== 10${sign === 0 ? "" : ` && c !== ${sign}`}) { p++; c = b[p]; }
} else {
}
${sign === 0 ? "" : `if (c === ${sign}) { break fast; }`}
${end}
${appended}
ts = s; te = pe; tq = e; th = h; tj = j;`;
}

/** `http://host/path`, as Varnish logs them: the host counts, unless a part of its own has one. */
function absolute(place: Place): string {
  const { format, wanted } = place.plan;
  const hasHost = format.parts.some(
    (part) =>
      (part.kind === "value" || part.kind === "optional") &&
      (part.value.type === "text" || part.value.type === "endpoint") &&
      fieldsOf(part.value).some((name) => name === "host" || name === "scheme"),
  );
  if (hasHost || wanted.has("scheme")) {
    return "if (b[p] !== 47) { break fast; }";
  }
  const [start, end] = [variableOf("host", "start"), variableOf("host", "end")];
  return `
${start} = -1;
if (b[p] !== 47) {
  p = X.behindHost(p);
  if (p < 0) { break fast; }
  ${start} = X.hostStart; ${end} = X.hostEnd;
  if (${start} >= 0) {
    ${variableOf("host", "escaped")} = 0;
    ${variableOf("host", "hash")} = hashKey(v, ${start}, ${end});
    ${variableOf("host", "check")} = checkKey(v, ${start}, ${end});
  }
}`;
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
