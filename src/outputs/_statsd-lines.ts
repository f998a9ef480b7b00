// Lines for StatsD (github.com/statsd/statsd/blob/master/docs/metric_types.md).
import type { Batch } from "../core/batch.ts";
import type { Sample } from "../core/sample.ts";
import { toGraphitePath } from "./_graphite-path.ts";
import { toLegalText } from "./_legal-text.ts";
import { type Point, isAdditive, toPoints } from "./_points.ts";
import { type TagRules, toSeriesTags } from "./_series-tags.ts";

export const tagForms = ["none", "dogstatsd", "influx"] as const;

export interface StatsdForm {
  readonly tags: (typeof tagForms)[number];
  /** Of a series without tags. */
  readonly path: string;
  readonly distributions: "numbers" | "timings";
}

/** Of one distribution in one window. */
const timingsMax = 100;

export function toStatsdLines(form: StatsdForm, batch: Batch): readonly string[] {
  return batch.samples.flatMap((sample) =>
    form.distributions === "timings" && isDuration(sample)
      ? toTimings(form, batch, sample)
      : toPoints([sample]).flatMap((point) => toLine(form, batch, point)),
  );
}

/**
 * What adds up is a counter, everything else a gauge. A sign makes a gauge's value a change of it: to become negative,
 * it has to be 0 first, and both stand in one datagram.
 */
function toLine(form: StatsdForm, batch: Batch, point: Point): readonly string[] {
  const { value } = point;
  const say = createSay(form, batch, point);
  if (isAdditive(point)) {
    // A counter that only grows is not made to shrink.
    return value < 0 ? [] : [say(`${value}|c`)];
  }
  return [value < 0 ? `${say("0|g")}\n${say(`${value}|g`)}` : say(`${value}|g`)];
}

function isDuration(sample: Sample): sample is Sample & { readonly kind: "distribution" } {
  return sample.kind === "distribution" && sample.name.endsWith("_seconds");
}

/**
 * Timings that stand for all observations: the value at each of up to a hundred evenly spaced ranks, all with the same
 * rate. A server counts 1/rate for each, but takes percentiles of the values as they are, so that a value that occurs
 * often has to occur often in the sample too: one line for each bucket, weighted by its rate, would give wrong ones.
 */
function toTimings(
  form: StatsdForm,
  batch: Batch,
  { name, labels, value }: Sample & { readonly kind: "distribution" },
): readonly string[] {
  const say = createSay(form, batch, { name, labels, part: "" });
  const lines = Math.min(value.count, timingsMax);
  const rate = lines < value.count ? `|@${lines / value.count}` : "";
  return Array.from({ length: lines }, (_, i) => {
    const ms = value.quantile((i + 0.5) / lines) * 1000;
    return say(`${Math.max(0, Number(ms.toPrecision(12)))}|ms${rate}`);
  });
}

// `:`, `|` and `@` divide a line, `#` and `,` tags.
const illegalInTag = /[^\p{L}\p{N}_./-]/gu;

const tagRules: TagRules = {
  toName: (label) => toLegalText(label, illegalInTag),
  toValue: (value) => toLegalText(value, illegalInTag, 200),
  reserved: [],
};

/** What puts the name of a series, and its tags, round a value. */
function createSay(
  { tags: form, path }: StatsdForm,
  batch: Batch,
  point: Pick<Point, "name" | "labels" | "part">,
): (value: string) => string {
  if (form === "none") {
    const name = toGraphitePath(path, batch, point);
    return (value) => `${name}:${value}`;
  }
  const { name, labels, part } = point;
  const metric = [toLegalText(name, /[^A-Za-z0-9_]/g), part].filter((one) => one !== "").join(".");
  const tags = toSeriesTags(batch, labels, tagRules);
  if (form === "influx") {
    const series = [metric, ...tags.map(([tag, value]) => `${tag}=${value}`)].join(",");
    return (value) => `${series}:${value}`;
  }
  const list = tags.map(([tag, value]) => `${tag}:${value}`).join(",");
  return (value) => `${metric}:${value}|#${list}`;
}
