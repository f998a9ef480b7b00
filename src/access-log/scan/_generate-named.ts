// Generates the reading of named values: a locator has found them, each at [s, e) of the bytes `b`.
// They are taken in the order of the format, and the first that has a value gives it to its field. As
// everywhere, what is odd is `break fast`, which hands the line to the reference parser.

import { lastingFields } from "../format/event-time.ts";
import { isWhole } from "../format/fields.ts";
import { fieldsOf, type NumberValue, type TimeValue } from "../format/line-format.ts";
import { addLasting, toNumberCode, type Walk } from "./_generate-end.ts";
import { millisCode } from "./_generate-values.ts";
import type { SlottedBinding } from "./_named-reader.ts";
import { missingNumber } from "./_odd-values.ts";
import { slotFields } from "./_named-values.ts";
import { type NamedFormat, type ScanPlan, variableOf } from "./_scan-plan.ts";

export interface NamedScan {
  readonly plan: ScanPlan<NamedFormat>;
  /** Those whose keys occur. */
  readonly bindings: readonly SlottedBinding[];
}

export function walkNamed(scan: NamedScan): Walk {
  const { plan, bindings } = scan;
  // How long a request took has to be known before its time is read.
  const times = bindings.filter(({ value }) => value.type === "time");
  const others = bindings.filter(({ value }) => value.type !== "time");
  const code = `
p = N.locate(p);
if (p < 0 || p - ls > LINE_MAX) { break fast; }
b = W.bytes; v = W.view;
${resets(bindings)}
${others.map((binding) => generateBinding(binding, scan)).join("")}
t = NaN; late = 0;
${times.map((binding) => generateTime(binding, plan)).join("")}`;
  const declarations =
    "const N = X.named, W = N.values, R = N.request, P = R.path, K = W.slots, findPathEnd = X.findPathEnd;";
  const fields = [...new Set(bindings.flatMap(({ value }) => fieldsOf(value)))];
  return { declarations, fields, code, hasTime: true };
}

function resets(bindings: readonly SlottedBinding[]): string {
  const codes = bindings.flatMap(({ value }): readonly string[] => {
    switch (value.type) {
      case "text":
        return [`${variableOf(value.field, "start")} = -1;`];
      case "number":
        return [`${variableOf(value.field, "number")} = NaN;`];
      case "status":
        return [`${variableOf("status", "number")} = NaN;`];
      case "target":
        return ["ts = -1; tt = undefined;"];
      case "request":
        return [
          "ts = -1; tt = undefined;",
          `${variableOf("method", "start")} = -1;`,
          `${variableOf("protocol", "start")} = -1;`,
        ];
      case "time":
        return [];
    }
  });
  return [...new Set(codes)].join(" ");
}

function generateBinding(binding: SlottedBinding, scan: NamedScan): string {
  const { value, slot } = binding;
  switch (value.type) {
    case "text": {
      const start = variableOf(value.field, "start");
      return ifPresent(
        binding,
        `${start} < 0`,
        `${start} = s; ${variableOf(value.field, "end")} = e; ${variableOf(value.field, "escaped")} = 0;
  ${variableOf(value.field, "hash")} = ${hashOf(slot)}; ${variableOf(value.field, "check")} = ${checkOf(slot)};`,
      );
    }
    case "number": {
      const number = variableOf(value.field, "number");
      return ifPresent(binding, `${number} !== ${number}`, numberCode(value, binding));
    }
    case "status": {
      const status = variableOf("status", "number");
      return ifPresent(binding, `${status} !== ${status}`, statusCode(binding));
    }
    case "target":
      return ifPresent(binding, hasNoTarget, targetCode(binding));
    case "request":
      return ifPresent(binding, hasNoRequest, requestCode(binding, scan));
    case "time":
      return "";
  }
}

/** That it is there, and neither empty nor `-`. */
function ifPresent({ slot }: SlottedBinding, condition: string, code: string): string {
  const at = slot * slotFields;
  return `
s = K[${at}]; e = K[${at + 1}];
if (s >= 0 && e > s && (e - s !== 1 || b[s] !== 45) && ${condition}) {
  ${code}
}`;
}

function hashOf(slot: number): string {
  return `K[${slot * slotFields + 2}]`;
}

function checkOf(slot: number): string {
  return `K[${slot * slotFields + 3}]`;
}

/** Digits and a point, fifteen bytes at most; all else is asked for. */
function numberCode(value: NumberValue, { index }: SlottedBinding): string {
  const number = variableOf(value.field, "number");
  const divisor = toNumberCode(value.divisor);
  return `n = 0; k = 0; q = s; c = b[q] - 48;
  while (q < e && c >= 0 && c <= 9) { n = n * 10 + c; q++; c = b[q] - 48; }
  if (q < e && c === -2 && q > s) {
    k = ++q; c = b[q] - 48;
    while (q < e && c >= 0 && c <= 9) { n = n * 10 + c; q++; c = b[q] - 48; }
    k = q - k;
  }
  if (q === e && e - s <= 15) { ${number} = k === 0 ? n / ${divisor} : n / (POWERS[k] * ${divisor}); }
  ${value.mayHaveUnit === true ? unitCode(number) : ""}
  else {
    n = N.amountOf(${index}, s, e);
    if (n !== n) { break fast; }
    ${number} = n === ${missingNumber} ? NaN : n; k = -1;
  }
  ${isWhole(value.field) ? `if (${number} % 1 !== 0 && ${number} === ${number}) { break fast; }` : ""}
  ${millisCode(value)}`;
}

/** `12.5ms` and `1.5s`, as parseUnitSeconds reads them. */
function unitCode(number: string): string {
  return `else if (q + 2 === e && q > s && e - s <= 15 && b[q] === 109 && b[q + 1] === 115 && b[q - 1] !== 46) {
    ${number} = (k === 0 ? n : n / POWERS[k]) * 0.001; k = -1;
  } else if (q + 1 === e && q > s && e - s <= 15 && b[q] === 115 && b[q - 1] !== 46) {
    ${number} = k === 0 ? n : n / POWERS[k]; k = -1;
  }`;
}

/** One to three digits. */
function statusCode({ index }: SlottedBinding): string {
  return `n = 0;
  for (q = s; q < e; q++) {
    c = b[q] - 48;
    if (c < 0 || c > 9) { break; }
    n = n * 10 + c;
  }
  if (q < e || e - s > 3) {
    n = N.amountOf(${index}, s, e);
    if (n !== n) { break fast; }
  }
  ${variableOf("status", "number")} = n === ${missingNumber} ? NaN : n;`;
}

const hasNoTarget = "ts < 0 && tt === undefined";

/** A target that does not begin with its path may have a host in front of it. */
function targetCode({ slot, index }: SlottedBinding): string {
  return `if (b[s] === 47) {
    ts = s; tq = e; te = findPathEnd(v, s, e); th = ${hashOf(slot)}; tj = ${checkOf(slot)};
    if (te !== e) { th = hashKey(v, s, te); tj = checkKey(v, s, te); }
  } else {
    odd = N.readOddTarget(${index}, s, e);
    if (odd.isAbsolute) { break fast; }
    tt = odd.target;
  }`;
}

const hasNoRequest = `(${variableOf("method", "start")} < 0 || (${hasNoTarget}) || ${variableOf("protocol", "start")} < 0)`;

/** Of a request that is none nothing is known; one that is odd has pieces that are no bytes of it. */
function requestCode({ index }: SlottedBinding, { plan, bindings }: NamedScan): string {
  const isAlone = !bindings.some(
    ({ value }) =>
      value.type === "target" ||
      (value.type === "text" && (value.field === "method" || value.field === "protocol")),
  );
  const needsPieces = !isAlone || plan.wanted.has("method") || plan.wanted.has("protocol");
  return `if (N.cutRequest(s, e)) {
    ts = R.targetStart; te = R.pathEnd; tq = R.targetEnd; th = P.hash; tj = P.check; tt = undefined;
    ${needsPieces ? pieceCode("method", "s", "R.methodEnd") : ""}
    ${needsPieces ? pieceCode("protocol", "R.protocolStart", "e") : ""}
  } else {
    odd = N.readOddTarget(${index}, s, e);
    if (odd.isAbsolute${needsPieces ? " || odd.hasMethod" : ""}) { break fast; }
    if (odd.hasMethod) { ts = -1; tt = odd.target; }
  }`;
}

function pieceCode(name: "method" | "protocol", start: string, end: string): string {
  const [from, to] = [variableOf(name, "start"), variableOf(name, "end")];
  return `${from} = ${start}; ${to} = ${end}; ${variableOf(name, "escaped")} = 0;
  ${variableOf(name, "hash")} = hashKey(v, ${from}, ${to}); ${variableOf(name, "check")} = checkKey(v, ${from}, ${to});`;
}

function generateTime(binding: SlottedBinding, plan: ScanPlan<NamedFormat>): string {
  const { value, index } = binding;
  return ifPresent(
    binding,
    "t !== t",
    `late = 0; ${value.type === "time" ? lateCode(value, plan) : ""}
  t = N.timeOf(${index}, s, e, late);
  if (t !== t) { break fast; }
  ${plan.isPlacedByEnd ? "" : "late = 0;"}`,
  );
}

/** How long behind its time the request ended. */
function lateCode({ timeIs }: TimeValue, { format, bound }: ScanPlan<NamedFormat>): string {
  return lastingFields(timeIs ?? format.timeIs, bound)
    .map(addLasting)
    .join(" ");
}
