// One rule as it stands in the configuration. Everything that can be known to be wrong without data is refused here,
// at the field that has to change; what depends on the metric's kind is told at run time (see whyUnusable in rule.ts).
import { z } from "zod";
import { duration, threshold } from "../core/options.ts";
import { type Threshold, toDurationText } from "../core/units.ts";
import { stockNames } from "./stock-rules.ts";

/** Longer windows need the history, not a rule. */
export const overMaxMs = 31 * 86_400_000;

const labelNamesMax = 8;

/** What a summary may name in braces, besides the labels in `by`. */
export const summaryWords = [
  "value",
  "threshold",
  "source",
  "service",
  "rule",
  "over",
  "baseline",
  "heaviest",
] as const;

const labelValue = z.union([z.string(), z.number()]).transform(String);

const labelValues = z
  .union([labelValue, z.array(labelValue).min(1)], "is not a label value; write a text or a list")
  .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));

const labelMap = z.record(z.string(), labelValues);

/** `source` and `service` stand beside the labels of a sample, never among them. */
const ownKeys: ReadonlySet<string> = new Set(["source", "service"]);

const fields = z.strictObject({
  source: z.string().min(1).optional().describe("Source to watch; every source when left out."),
  service: z.string().min(1).optional().describe("Watch only the sources of this service."),
  stock: z
    .enum(stockNames)
    .optional()
    .describe(
      `A rule of ours by name, whose other keys are filled in where they are not written: ${stockNames.join(", ")}.`,
    ),
  metric: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Metric to judge, such as http_requests_total. Of a top, such as http_clients_top, the share " +
        "of its heaviest is judged. Only a stock rule may leave it out.",
    ),
  labels: labelMap
    .optional()
    .describe(
      "Count only series with these labels: a value, or a list of values of which one fits; `*` " +
        "stands for any characters.",
    ),
  by: z
    .array(z.string().min(1))
    .max(labelNamesMax)
    .optional()
    .describe("Judge each combination of these labels on its own; all series together otherwise."),
  over: duration()
    .optional()
    .describe("Length of the sliding window; the source's latest window alone when left out."),
  of: z
    .strictObject({
      metric: z
        .string()
        .min(1)
        .optional()
        .describe("Metric to divide by; the same one if not given."),
      labels: labelMap.optional().describe("Which of its series; all of them when left out."),
    })
    .optional()
    .describe("Judges the share of this: `of: {}` with `above: 5%` is five in a hundred of all."),
  baseline: duration()
    .optional()
    .describe(
      "Judges how many times it is what it was over this time before the window: with `above: 3`, " +
        "three times as much; with `below: 30%`, less than a third.",
    ),
  quantile: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Which quantile of a distribution to compare: 0.99 for the 99th percentile."),
  above: threshold()
    .optional()
    .describe("Fires at or above this. A rate such as 30/s divides by the length of the window."),
  below: threshold().optional().describe("Fires at or below this."),
  clear: threshold()
    .optional()
    .describe("Clears below (for above) or above (for below) this; the threshold when left out."),
  for: duration().optional().describe("How long the condition must hold before it fires."),
  minimum: z
    .int()
    .min(1)
    .optional()
    .describe(
      "With fewer observations in the window, the rule neither fires nor clears. With `of`, those " +
        "that it divides by; with `baseline`, also those that were to be expected.",
    ),
  summary: z
    .string()
    .min(1)
    .optional()
    .describe(`Text of the incident. May name ${summaryWords.join(", ")} and labels in {braces}.`),
});

type Fields = z.output<typeof fields>;
type Fault = { readonly path: readonly (string | number)[]; readonly message: string };

/** One rule of the configuration. Messages read after the path: "rules.high-traffic.clear: is above …". */
export const ruleOptions = fields.superRefine((rule, context) => {
  const faults = [
    ...subjectFaults(rule),
    ...windowFaults(rule),
    ...thresholdFaults(rule),
    ...clearFaults(rule),
    ...labelFaults(rule),
    ...summaryFaults(rule),
  ];
  for (const { path, message } of faults) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

export type RuleConfig = z.output<typeof ruleOptions>;

/** The one threshold of a rule and the side that fires. */
export function thresholdOf(
  rule: Pick<Fields, "above" | "below">,
): { readonly side: "above" | "below"; readonly at: Threshold } | undefined {
  if (rule.above !== undefined) {
    return { side: "above", at: rule.above };
  }
  return rule.below === undefined ? undefined : { side: "below", at: rule.below };
}

function* subjectFaults({ metric, of, baseline, over }: Fields): Iterable<Fault> {
  if (metric === undefined) {
    const message = "is missing; add `metric:` (what to judge), or `stock:` (a rule of ours)";
    yield { path: ["metric"], message };
  }
  if (baseline !== undefined && of !== undefined) {
    yield { path: ["baseline"], message: "stands beside of; write one rule for each" };
  }
  if (baseline !== undefined && over === undefined) {
    const message = "needs a window to compare; add one, such as over: 5m";
    yield { path: ["baseline"], message };
  } else if (baseline !== undefined && over !== undefined && baseline < over) {
    yield { path: ["baseline"], message: "is shorter than over; write at least as much" };
  }
  for (const name of Object.keys(of?.labels ?? {})) {
    if (ownKeys.has(name)) {
      const message = `is not a label; write ${name}: beside of: instead`;
      yield { path: ["of", "labels", name], message };
    }
  }
}

function* windowFaults({ over, baseline }: Fields): Iterable<Fault> {
  if (baseline !== undefined && (baseline <= 0 || baseline > overMaxMs)) {
    const message = `is out of range; write more than 0s and at most ${toDurationText(overMaxMs)}`;
    yield { path: ["baseline"], message };
  }
  if (over !== undefined && (over <= 0 || over > overMaxMs)) {
    const message = `is out of range; write more than 0s and at most ${toDurationText(overMaxMs)}`;
    yield { path: ["over"], message };
  }
}

function* thresholdFaults(rule: Fields): Iterable<Fault> {
  const firing = thresholdOf(rule);
  if (firing === undefined) {
    yield { path: [], message: "has no threshold; write either above or below" };
    return;
  }
  const { side, at } = firing;
  if (rule.above !== undefined && rule.below !== undefined) {
    yield { path: ["below"], message: "stands beside above; write one rule for each" };
  }
  if (at.perSecond && (rule.of !== undefined || rule.baseline !== undefined)) {
    const word = rule.of === undefined ? "a factor, such as 3" : "a share, such as 5%";
    yield {
      path: [side],
      message: `is a rate, but what is judged is ${word}; write it without /s`,
    };
  } else if (at.perSecond && rule.quantile !== undefined) {
    yield { path: [side], message: "is a rate, but a quantile is a value; write it without /s" };
  } else if (at.perSecond && rule.over === undefined) {
    yield { path: [side], message: "is a rate and needs a window; add one, such as over: 2m" };
  }
  if (rule.metric === "check_up" && side === "below" && at.value >= 1) {
    yield {
      path: [side],
      message: "would fire while the check is up, because below includes the value; write below: 0",
    };
  }
}

function* clearFaults(rule: Fields): Iterable<Fault> {
  const firing = thresholdOf(rule);
  if (firing === undefined || rule.clear === undefined) {
    return;
  }
  const { side, at } = firing;
  if (rule.clear.perSecond !== at.perSecond) {
    const right = at.perSecond ? "a rate, such as 20/s" : "a value without /s";
    yield { path: ["clear"], message: `is not of the same kind as ${side}; write ${right}` };
  } else if (side === "above" && rule.clear.value > at.value) {
    yield { path: ["clear"], message: "is higher than above; write the same or less" };
  } else if (side === "below" && rule.clear.value < at.value) {
    yield { path: ["clear"], message: "is lower than below; write the same or more" };
  }
}

function* labelFaults(rule: Fields): Iterable<Fault> {
  for (const name of Object.keys(rule.labels ?? {})) {
    if (ownKeys.has(name)) {
      const message = `is not a label; write ${name}: beside labels: instead`;
      yield { path: ["labels", name], message };
    }
  }
  for (const [index, name] of (rule.by ?? []).entries()) {
    if (ownKeys.has(name)) {
      const message = "is not needed here; each source is judged on its own";
      yield { path: ["by", index], message };
    } else if (rule.by?.indexOf(name) !== index) {
      yield { path: ["by", index], message: "is there twice; write it once" };
    }
  }
}

function* summaryFaults(rule: Fields): Iterable<Fault> {
  const known = new Set<string>([...summaryWords, ...(rule.by ?? [])]);
  for (const [, word = ""] of (rule.summary ?? "").matchAll(/\{([^{}]*)\}/g)) {
    if (!known.has(word)) {
      const message = `names {${word}}, which is not known; write one of ${[...known].join(", ")}`;
      yield { path: ["summary"], message };
    }
  }
}
