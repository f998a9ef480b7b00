// InfluxDB's line protocol (docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference).
import type { Batch } from "../core/batch.ts";
import type { Event, Sample } from "../core/sample.ts";
import { toLegalText } from "./_legal-text.ts";
import { type Point, toPoints } from "./_points.ts";
import { type TagRules, toSeriesTags } from "./_series-tags.ts";

/** What a measurement holds whose lines are events. */
const eventMeasurement = "watchpost_event";
const textCharsMax = 4_000;
const tagCharsMax = 512;

/** A line for each sample: its metric is the measurement, its numbers are the fields. And one for each event. */
export function toInfluxLines(batch: Batch): readonly string[] {
  return [
    ...batch.samples.flatMap((sample) => toSampleLine(batch, sample) ?? []),
    ...batch.events.map((event, index) => toEventLine(batch, event, index)),
  ];
}

function toSampleLine(batch: Batch, sample: Sample): string | undefined {
  const fields = toPoints([sample]).map((point) => `${point.part || "value"}=${toNumber(point)}`);
  return fields.length === 0
    ? undefined
    : `${toSeries(sample.name, batch, sample)} ${fields.join(",")} ${toNanoseconds(batch.to, batch.seq)}`;
}

function toEventLine(batch: Batch, { at, name, labels, text }: Event, index: number): string {
  const series = toSeries(eventMeasurement, batch, { labels: { ...labels, event: name } });
  const shown = text
    .replaceAll(/\p{Cc}+/gu, " ")
    .slice(0, textCharsMax)
    .toWellFormed();
  const quoted = shown.replaceAll(/["\\]/g, "\\$&");
  return `${series} text="${quoted}" ${toNanoseconds(at, batch.seq * 1_000 + index)}`;
}

/**
 * The first value fixes a field's type, and what comes later as another one is refused: only what can never have a
 * fraction is an integer.
 */
function toNumber({ kind, part, value }: Point): string {
  return kind === "distinct" || part === "count" ? `${value}i` : String(value);
}

/**
 * InfluxDB keeps one point of a series for each instant. Windows of two batches may end together, so that what an
 * instant has below a millisecond tells them apart; the same batch always has the same.
 */
function toNanoseconds(ms: number, number: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n + BigInt(number % 1_000_000));
}

// A backslash cannot be told from an escape by every reader; control characters end a line or are refused.
const illegal = /[\\\p{Cc}]/gu;
const illegalInMeasurement = /^#|[\\\p{Cc}]/gu;

const tagRules: TagRules = {
  toName: (label) => escape(toLegalText(label, illegal)),
  toValue: (value) => escape(toLegalText(value.toWellFormed(), illegal, tagCharsMax)),
  reserved: ["time", "_measurement", "_field"],
};

/** `http_requests_total,group=api,source=shop` */
function toSeries(name: string, batch: Batch, { labels }: Pick<Sample, "labels">): string {
  const measurement = toLegalText(name, illegalInMeasurement).replaceAll(/[, ]/g, "\\$&");
  const tags = toSeriesTags(batch, labels, tagRules);
  return [measurement, ...tags.map(([tag, value]) => `${tag}=${value}`)].join(",");
}

function escape(text: string): string {
  return text.replaceAll(/[,= ]/g, "\\$&");
}
