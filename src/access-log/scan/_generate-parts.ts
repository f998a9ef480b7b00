// Generates the code that walks through one line. It only follows what is usual; whatever is odd is
// `break fast`, which hands the whole line to the reference parser. So the code may be narrow, but
// what it accepts has to mean what line-format.ts says. Texts of a format get into the code as the
// numbers of their bytes and in no other way.

import type { OptionalPart, Part, PositionalFormat, ValuePart } from "../format/line-format.ts";
import { lastingFields } from "../format/event-time.ts";
import {
  addLasting,
  escapeCode,
  generateEnd,
  type Place,
  range,
  stands,
  toBytes,
  type Walk,
  wantedName,
} from "./_generate-end.ts";
import { generateTarget } from "./_generate-target.ts";
import { generateEndpoint, generateNumber, generateStatus } from "./_generate-values.ts";
import { type ScanPlan, variableOf } from "./_scan-plan.ts";

/** Undefined: the format has something that only the reference parser reads. */
export function walkParts(plan: ScanPlan<PositionalFormat>): Walk | undefined {
  const { parts, mayHaveSyslogHeader } = plan.format;
  const code = [mayHaveSyslogHeader ? syslog : ""];
  for (const [index, part] of parts.entries()) {
    const piece = generatePart(part, { plan, index });
    if (piece === undefined) {
      return undefined;
    }
    code.push(piece);
  }
  const hasTime = parts.some((part) => part.kind === "time" && part.isUsed);
  code.push(lineEnd(plan.format), hasTime ? toInstant(plan) : "t = NaN;");
  const declarations = parts.flatMap((part, index) =>
    part.kind === "time"
      ? [`let L${index} = X.timeLength(${index}), V${index} = X.timeView(${index});`]
      : [],
  );
  return { declarations: declarations.join(" "), fields: [], code: code.join("\n"), hasTime };
}

function toInstant({ format, bound, isPlacedByEnd }: ScanPlan<PositionalFormat>): string {
  const lasting = isPlacedByEnd ? lastingFields(format.timeIs, bound) : [];
  return `late = 0; ${lasting.map(addLasting).join(" ")}
if (isNewTime) { t = X.toInstant(late); if (t !== t) { break fast; } isNewTime = X.isAmbiguous; }`;
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
          `e = p; h = hashKey(v, s, e); j = checkKey(v, s, e); ${range(name, escapeCode(part.escape))}`,
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
  const code = generateByType(part, place);
  const isText = part.value.type === "text" || part.value.type === "skipped";
  if (code === undefined || part.quotes === "none" || isText) {
    return code;
  }
  return `if (b[p] === 34) { break fast; }\n${code}`;
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
      return part.isList ? undefined : generateStatus(place);
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
  const last = value.list === undefined ? "" : "if (X.isList(s, e)) { break fast; }";
  const missing = ["-", ...(value.missing ?? [])].map((text) => {
    const bytes = toBytes(text);
    return `(e - s === ${bytes.length}${bytes.length === 0 ? "" : ` && ${stands(text, "s")}`})`;
  });
  return `${found} ${last}
if (e === s || ${missing.join(" || ")}) { ${variableOf(name, "start")} = -1; } else {
  ${range(name, "x")}
}`;
}
