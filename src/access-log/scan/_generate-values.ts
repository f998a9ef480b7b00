// Generates the reading of numbers, statuses and endpoints.

import { isWhole } from "../format/fields.ts";
import type { EndpointValue, NumberValue, ValuePart } from "../format/line-format.ts";
import {
  endCondition,
  escapeSigns,
  type Place,
  range,
  toBytes,
  toNumberCode,
  wantedName,
} from "./_generate-end.ts";
import { missingNumber } from "./_odd-values.ts";
import { durationFields, variableOf } from "./_scan-plan.ts";

/** Digits and a point, or what stands for none; anything else is asked for. */
export function generateNumber(value: NumberValue, part: ValuePart, place: Place): string {
  const name = place.plan.wanted.has(value.field) ? value.field : undefined;
  const target = name === undefined ? "n" : variableOf(name, "number");
  const missing = value.whenMissing === undefined ? "NaN" : toNumberCode(value.whenMissing);
  const divisor = toNumberCode(value.divisor);
  const [whole, parts] =
    value.divisor === 1
      ? ["n", "n / POWERS[k]"]
      : [`n / ${divisor}`, `n / (POWERS[k] * ${divisor})`];
  const check =
    value.divisor === 1
      ? "if (k > 0) { break usual; }"
      : `if (k > 0 || ${target} % 1 !== 0) { break usual; }`;
  const minusOne = (value.missing ?? []).includes("-1")
    ? `else if (b[p + 1] === 49 && ${endCondition(place, "(p + 2)")}) { p += 2; }`
    : "";
  const list = part.isList
    ? "if (b[p] === 44 || (b[p] === 32 && b[p + 1] === 58)) { break usual; }"
    : "";
  const odd = oddNumber(target, place);
  if (startsWith(place, /^\d/)) {
    return `o = p; ${odd}`;
  }
  const fraction = `
if (c === 46) {
  p++; s = p; c = b[p];
  while (c >= 48 && c <= 57) { n = n * 10 + (c - 48); p++; c = b[p]; }
  k = p - s; q += k;
  if (q === 0) { break usual; }
}`;
  return `
o = p;
usual: {
  c = b[p];
  if (c === 43${startsWith(place, /^\+/) ? " && false" : ""}) { p++; c = b[p]; if (c < 48 || c > 57) { break usual; } }
  s = p; n = 0; k = 0;
  while (c >= 48 && c <= 57) { n = n * 10 + (c - 48); p++; c = b[p]; }
  q = p - s;
  ${startsWith(place, /^\./) ? "" : fraction}
  if (q === 0) {
    if (${startsWith(place, /^-/) ? "true" : "c !== 45"}) { break usual; }
    if (${endCondition(place, "(p + 1)")}) { p++; } ${minusOne} else { break usual; }
    ${list}
    ${target} = ${missing};
  } else {
    if (q > 15 || !${endCondition(place, "p")}) { break usual; }
    ${list}
    ${target} = k === 0 ? ${whole} : ${parts};
    ${isWhole(value.field) ? check : ""}
    ${millisCode(value)}
  }
  o = -1;
}
if (o >= 0) {
  ${odd}
  ${durationFields.includes(value.field) ? `${variableOf(value.field, "millis")} = -1;` : ""}
}`;
}

/** The number from `o` on, wherever it ends. */
function oddNumber(target: string, { index }: Place): string {
  return `p = X.findEnd(${index}, o);
  if (p < 0) { break fast; }
  n = X.amountOf(${index}, o, p);
  if (n !== n) { break fast; }
  ${target} = n === ${missingNumber} ? NaN : n;`;
}

/** The number of milliseconds, when the digits are just that. */
export function millisCode({ field, divisor }: NumberValue): string {
  if (!durationFields.includes(field)) {
    return "";
  }
  const places = [0, 1, 2, 3].find((count) => 10 ** count * divisor === 1000);
  return `${variableOf(field, "millis")} = ${places === undefined ? "-1" : `k === ${places} ? n : -1`};`;
}

export function generateStatus(place: Place): string {
  const target = variableOf("status", "number");
  if (startsWith(place, /^\d/)) {
    return `o = p; ${oddNumber(target, place)}`;
  }
  return `
o = p;
usual: {
  if (b[p] >= 48 && b[p] <= 57 && b[p + 1] >= 48 && b[p + 1] <= 57 && b[p + 2] >= 48 && b[p + 2] <= 57) {
    ${target} = b[p] * 100 + b[p + 1] * 10 + b[p + 2] - 5328;
    p += 3;
  } else if (b[p] === 45${startsWith(place, /^-/) ? " && false" : ""}) { ${target} = NaN; p++; } else { break usual; }
  if (!${endCondition(place, "p")}) { break usual; }
  o = -1;
}
if (o >= 0) { ${oddNumber(target, place)} }`;
}

export function generateEndpoint(
  value: EndpointValue,
  part: ValuePart,
  place: Place,
): string | undefined {
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
  x = 0; h = hashKey(v, s, e); j = checkKey(v, s, e); ${range(host, "x")} }`
}`;
}

/** Whether the literal behind the part is one that a number could run into. */
function startsWith({ plan, index }: Place, pattern: RegExp): boolean {
  const next = plan.format.parts[index + 1];
  return next?.kind === "literal" && pattern.test(next.text);
}
