// The option `metrics` of access-log: measurements of the user's own from any field of a line.
import { z } from "zod";
import { type FieldName, fields, isModelName, isNumberName } from "../access-log/format/fields.ts";
import { suggest } from "../access-log/format/suggest.ts";
import type { MetricSpec } from "../access-log/scan/log-scanner.ts";
import { type Condition, parseWhere } from "../access-log/scan/where.ts";
import { labelFields } from "../access-log/window/own-metrics.ts";
import { windowMetrics } from "../access-log/window/window-metrics.ts";

const metricsMax = 20;
const labelsMax = 4;

type MetricOptions = z.output<ReturnType<typeof metricOptions>>;

/** By name, to what a scan needs. */
export function ownMetrics(): z.ZodType<readonly MetricSpec[], Record<string, MetricInput>> {
  return z
    .record(z.string(), metricOptions())
    .superRefine(checkNames)
    .transform((all) => Object.entries(all).map(([name, options]) => toSpec(name, options)));
}

type MetricInput = z.input<ReturnType<typeof metricOptions>>;

function metricOptions() {
  return z
    .strictObject({
      kind: z
        .enum(["count", "distribution", "distinct", "top"])
        .describe(
          "`count`: lines, or the sum of a number; `distribution`: how a number is spread; " +
            "`distinct`: how many different values; `top`: the most frequent values.",
        ),
      field: field()
        .optional()
        .describe(
          "What is measured, such as `bytes_in`, `duration` or `header.x_tenant`. All kinds but " +
            "`count` need one.",
        ),
      where: where().optional().describe("Only lines for which this holds: `method = POST`."),
      labels: z
        .array(labelField())
        .max(labelsMax, `are at most ${labelsMax}`)
        .refine((names) => new Set(names).size === names.length, "names a field twice")
        .optional()
        .describe(
          `Fields whose values become labels, each one of: ${labelFields.join(", ")}. Of more ` +
            "than 200 combinations, the later ones are `(other)`.",
        ),
    })
    .superRefine(checkField);
}

function checkNames(all: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const names = Object.keys(all);
  if (names.length > metricsMax) {
    const message = `are ${names.length}; at most ${metricsMax} are measured`;
    context.addIssue({ code: "custom", message });
  }
  for (const name of names) {
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
      const message = "is no name; write small letters, digits and _, at most 64, a letter first";
      context.addIssue({ code: "custom", path: [name], message });
    } else if (Object.hasOwn(windowMetrics, name)) {
      const message = "is a metric that the source has anyway; write another name";
      context.addIssue({ code: "custom", path: [name], message });
    }
  }
}

function checkField(
  {
    kind,
    field: name,
  }: { readonly kind: MetricSpec["kind"]; readonly field?: FieldName | undefined },
  context: z.RefinementCtx,
): void {
  if (name === undefined && kind !== "count") {
    const message = `says nothing; a ${kind} needs the field that it measures`;
    context.addIssue({ code: "custom", path: ["field"], message });
  }
  if (name !== undefined && kind === "distribution" && !isNumberName(name)) {
    const message = `${name} is a text; a distribution needs a number, such as duration or bytes`;
    context.addIssue({ code: "custom", path: ["field"], message });
  }
}

const extraName = /^(?:header|response_header|cookie|variable)\.[a-z0-9_]+$/;

function isFieldName(text: string): text is FieldName {
  return isModelName(text) || extraName.test(text);
}

function field(): z.ZodType<FieldName, string> {
  return z.string().transform((text, context) => {
    if (!isFieldName(text) || text === "time") {
      const hint =
        suggest(text, Object.keys(fields)) || "; write one such as status, bytes or host";
      const message = `${JSON.stringify(text)} is no field that can be measured${hint}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    return text;
  });
}

function labelField(): z.ZodType<FieldName, string> {
  return z.string().transform((text, context) => {
    const found = labelFields.find((name) => name === text);
    if (found === undefined) {
      const advice = isFieldName(text)
        ? " has too many values to be a label; measure it by a metric of the kind top or distinct"
        : ` is no field${suggest(text, labelFields) || `; labels are ${labelFields.join(", ")}`}`;
      context.addIssue({ code: "custom", message: JSON.stringify(text) + advice });
      return z.NEVER;
    }
    return found;
  });
}

/** A condition of parseWhere. */
export function where(): z.ZodType<Condition, string> {
  return z.string().transform((text, context) => {
    const parsed = parseWhere(text);
    if (parsed.condition === undefined) {
      const message = `column ${parsed.column}: ${parsed.problem}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    return parsed.condition;
  });
}

function toSpec(
  name: string,
  { kind, field: measured, where: condition, labels }: MetricOptions,
): MetricSpec {
  return {
    name,
    kind,
    ...(measured !== undefined && { field: measured }),
    ...(condition !== undefined && { where: condition }),
    ...(labels !== undefined && { labels }),
  };
}
