// Puts the code of a whole scanner together: the walk through a line, the condition, the counting.
// Measured on combined lines with a duration, 20 groups and all tops: see bench/scanner.ts.

import { type FieldName, isNumberName, type NumberName } from "../format/fields.ts";
import { declareVerdicts, generateCondition, valueCode } from "./_generate-condition.ts";
import { hiddenCode, toNumberCode, type Walk } from "./_generate-end.ts";
import { hashFactors } from "./_key-hash.ts";
import { keyBytesMax } from "./_key-table.ts";
import {
  durationFields,
  isText,
  type KeyField,
  keyFields,
  keyTables,
  type ScanPlan,
  variableOf,
} from "./_scan-plan.ts";
import type { TextCondition } from "./where.ts";

/** The conditions on texts, in the order of the numbers that the code asks for them by. */
export interface GeneratedScanner {
  readonly code: string;
  readonly textConditions: readonly TextCondition[];
}

/**
 * The body of `(X, b, v, p, end) => p`: bytes `b` with their view `v`, lines from `p` to `end`, and
 * X, a ScanRuntime.
 */
export function generateScanner(plan: ScanPlan, walk: Walk): GeneratedScanner {
  const textConditions: TextCondition[] = [];
  const condition =
    plan.where === undefined ? undefined : generateCondition(plan.where, plan, textConditions);
  const code = `"use strict";
const [F1, F2, F3] = [${hashFactors.join(", ")}], checkKey = X.checkKey, MASK = X.masks, POWERS = X.powers, startsNumber = X.startsNumber;
const mix = X.mix, hashKey = X.hashKey, LINE_MAX = ${plan.limits.lineBytesMax + 1}, UNKNOWN = -1;
${declarations(plan, walk)} ${declareVerdicts(textConditions)}
let T = X.tallies, S = undefined, now = NaN, late = 0;
while (p < end) {
  const ls = p;
  fast: {
    ${plan.hasComments ? "if (b[p] === 35) { break fast; }" : ""}
    ${walk.code}
    ${walk.hasTime ? placing : placingTimeless}
    ${counting(plan, condition)}
    if (X.isStopped) { return p; }
    continue;
  }
  p = X.addSlowly(ls);
  if (X.isStopped) { return p; }
  T = X.tallies; S = undefined; now = NaN;
}
return p;`;
  return { code, textConditions };
}

function declarations(plan: ScanPlan, walk: Walk): string {
  const names = [...new Set<FieldName>([...keyFields, ...plan.wanted, ...walk.fields, "status"])];
  const numbers = names.filter(isNumberName).map((name) => `${variableOf(name, "number")} = NaN`);
  const millis = durationFields.map((name) => `${variableOf(name, "millis")} = -1`);
  const texts = names
    .filter(isText)
    .flatMap((name) => [
      `${variableOf(name, "start")} = -1`,
      ...(["end", "escaped", "hash", "check"] as const).map(
        (kind) => `${variableOf(name, kind)} = 0`,
      ),
    ]);
  const scratch =
    "c = 0, s = 0, e = 0, k = 0, q = 0, w = 0, y = 0, m = 0, h = 0, j = 0, n = 0, x = 0, z = 0, o = 0, g = 0, id = 0";
  const target =
    "ts = -1, tt = undefined, odd = undefined, te = 0, tq = 0, th = 0, tj = 0, pe = 0, isNewTime = true, t = X.instant";
  return `${walk.declarations}
let ${[scratch, target, "D = undefined", ...numbers, ...millis, ...texts].join(", ")};`;
}

/** The instant of the line decides which tallies it counts into. */
const placing =
  "if (t + late !== now) { now = t + late; X.place(now); T = X.tallies; S = undefined; }";
const placingTimeless = "if (now !== 0) { X.place(NaN); T = X.tallies; S = undefined; now = 0; }";

function counting(plan: ScanPlan, condition: string | undefined): string {
  const hasTarget = plan.bound.has("target");
  const filter =
    condition === undefined
      ? ""
      : `if (!(${condition})) { T.lines.filtered++; if (X.isStopped) { return p; } continue; }`;
  const code = `
T.lines.read++;
${filter}
${hasTarget ? targetCode : "g = 0;"}
${plan.isNaming ? "if (g === 0) { T.lines.ungrouped++; } else { T.lines.parsed++; }" : "T.lines.parsed++;"}
if (t < T.from) { T.from = t; }
if (t > T.to) { T.to = t; }
${keyFields
  .filter((name) => plan.bound.has(name))
  .map((name) => keyCode(name, plan))
  .join("")}
${groupCode(plan)}
${metricCode(plan)}`;
  return code;
}

/** A target that is a text of its own is in `tt`. Requests without a target are counted, too. */
const targetCode = `
if (ts < 0) {
  g = X.groupOfText(tt);
  if (g === 2) { T.lines.skipped++; if (X.isStopped) { return p; } continue; }
  X.countTarget(T.targets, tt);
} else {
if (te - ts <= ${keyBytesMax}) { id = T.targets.count(b, ts, te, th, tj); }
else { id = X.countText(T.targets, ts, te, 0); }
g = T.targets.aux[id];
if (g === UNKNOWN) { g = X.groupOf(ts, te); T.targets.mean(id, g); }
if (g === 2) { T.targets.uncount(id); T.lines.skipped++; if (X.isStopped) { return p; } continue; }
}`;

function keyCode(name: KeyField, { anonymise }: ScanPlan): string {
  const table = `T.${keyTables[name]}`;
  const [start, end] = [variableOf(name, "start"), variableOf(name, "end")];
  const escaped = variableOf(name, "escaped");
  const isHidden = name === "client" && anonymise;
  const isPlain = isHidden ? "false" : `${escaped} === 0 && ${end} - ${start} <= ${keyBytesMax}`;
  const hashes = `${variableOf(name, "hash")}, ${variableOf(name, "check")}`;
  return `
if (${start} >= 0) {
  if (${isPlain}) { ${table}.count(b, ${start}, ${end}, ${hashes}); }
  else { X.countMade(${table}, ${start}, ${end}, ${escaped}${isHidden ? ` + ${hiddenCode}` : ""}, ${hashes}); }
}`;
}

function groupCode(plan: ScanPlan): string {
  const has = (name: FieldName): boolean => plan.bound.has(name);
  const status = variableOf("status", "number");
  const bytes = variableOf("bytes", "number");
  const duration = variableOf("duration", "number");
  const upstream = variableOf("upstream_duration", "number");
  const slow =
    plan.slowSeconds === Infinity
      ? ""
      : `if (${duration} >= ${toNumberCode(plan.slowSeconds)}) { G.slow++; }`;
  const retries = variableOf("retries", "number");
  const statusPlace = has("status") ? `(${status} === ${status} ? ${status} + 1 : 0)` : "0";
  const lines = [
    `const G = T.groups[g] ?? X.openGroup(g); G.statuses[${statusPlace}]++;`,
    has("bytes") ? `if (${bytes} === ${bytes}) { G.bytes += ${bytes}; }` : "",
    has("duration")
      ? `if (${duration} === ${duration}) { ${durationCode("G.durations", "duration")} ${slow} }`
      : "",
    has("upstream_duration")
      ? `if (${upstream} === ${upstream}) { ${durationCode("G.upstreamDurations", "upstream_duration")} }`
      : "",
    has("retries") ? `if (${retries} === ${retries}) { T.retries += ${retries}; }` : "",
  ];
  const series = plan.hasSeries
    ? `
S ??= X.openPoint(t);
if (S !== undefined) {
  S.requests++;
  S.classes[${has("status") ? `(${status} === ${status} ? (${status} / 100) | 0 : 0)` : "0"}]++;
  ${has("bytes") ? `if (${bytes} === ${bytes}) { S.bytes += ${bytes}; }` : ""}
  ${has("duration") ? `if (${duration} === ${duration}) { ${durationCode("S.durations", "duration")} }` : ""}
}`
    : "";
  return `${lines.join("\n")}${series}`;
}

function durationCode(tally: string, name: NumberName): string {
  const millis = variableOf(name, "millis");
  return `D = ${tally}; y = ${millis};
if (y >= 0 && y < D.millis.length) { D.millis[y]++; } else { D.add(${variableOf(name, "number")}, y); }`;
}

function metricCode(plan: ScanPlan): string {
  if (!plan.hasMetrics) {
    return "";
  }
  const sets = plan.metricFields.map((name, at) => `X.set(${at}, ${valueCode(name, plan)});`);
  return `${sets.join(" ")} T.metrics.add(X.entry);`;
}
