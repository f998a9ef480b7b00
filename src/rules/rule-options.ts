// One rule as it stands in the configuration. Everything that can be known to be wrong without data is refused here,
// at the field that has to change; what depends on the metric's kind is told at run time (see whyUnusable in rule.ts).
import { z } from "zod";
import { duration, threshold } from "../core/options.ts";
import { type Threshold, toDurationText } from "../core/units.ts";

/** Longer windows need the history, not a rule. */
export const overMaxMs = 31 * 86_400_000;

const labelNamesMax = 8;

/** What a summary may name in braces, besides the labels in `by`. */
export const summaryWords = ["value", "threshold", "source", "service", "rule", "over"] as const;

const labelValue = z.union([z.string(), z.number()]).transform(String);

const labelValues = z
  .union([labelValue, z.array(labelValue).min(1)], "is not a label value; write a text or a list")
  .transform((value): readonly string[] => (typeof value === "string" ? [value] : value));

/** `source` and `service` stand beside the labels of a sample, never among them. */
const ownKeys: ReadonlySet<string> = new Set(["source", "service"]);

const fields = z.strictObject({
  source: z.string().min(1).optional().describe("Source to watch; every source when left out."),
  service: z.string().min(1).optional().describe("Watch only the sources of this service."),
  metric: z.string().min(1).describe("Metric to judge, such as http_requests_total."),
  labels: z
    .record(z.string(), labelValues)
    .optional()
    .describe(
      "Count only series with these labels: a value, or a list of values of which one fits.",
    ),
  by: z
    .array(z.string().min(1))
    .max(labelNamesMax)
    .optional()
    .describe("Judge each combination of these labels on its own; all series together otherwise."),
  over: duration()
    .optional()
    .describe("Length of the sliding window; the source's latest window alone when left out."),
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
    .describe("With fewer observations in the window, the rule neither fires nor clears."),
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
    ...windowFaults(rule),
    ...thresholdFaults(rule),
    ...clearFaults(rule),
    ...distributionFaults(rule),
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

function* windowFaults({ over }: Fields): Iterable<Fault> {
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
  if (at.perSecond && rule.quantile !== undefined) {
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

function* distributionFaults(rule: Fields): Iterable<Fault> {
  if (rule.minimum !== undefined && rule.quantile === undefined) {
    const message = "counts the observations of a distribution; add quantile, or leave it out";
    yield { path: ["minimum"], message };
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
