// The document that PRTG's sensors "HTTP Push Data Advanced" and "HTTP Data Advanced" take
// (paessler.com/manuals/prtg/custom_sensors, "Advanced Script, HTTP Data, and REST Custom Sensors"). All values are
// texts, as in Paessler's own libraries. Units and limits count only when a channel is first seen.
import type { SampleKind } from "../core/sample.ts";

/** How a kind of measurement is shown. */
export interface PrtgUnit {
  readonly unit: string;
  /** A running total, of which PRTG shows the rate. */
  readonly isCount: boolean;
  readonly isFloat: boolean;
  /** What a value is multiplied with to be in that unit. */
  readonly factor: number;
  /** Less is an error. */
  readonly limitMin?: string;
}

const gauge = { isCount: false, isFloat: true, factor: 1 };
const total = { isCount: true, isFloat: false, factor: 1 };

const units = {
  milliseconds: { ...gauge, unit: "TimeResponse", factor: 1_000 },
  seconds: { ...gauge, unit: "TimeSeconds" },
  percent: { ...gauge, unit: "Percent", factor: 100 },
  bytes: { ...gauge, unit: "BytesFile", isFloat: false },
  whole: { ...gauge, unit: "Count", isFloat: false },
  plain: { ...gauge, unit: "Count" },
  up: { ...gauge, unit: "Count", isFloat: false, limitMin: "0.5" },
  bytesTotal: { ...total, unit: "BytesBandwidth" },
  secondsTotal: { ...total, unit: "TimeSeconds", isFloat: true },
  total: { ...total, unit: "Count" },
} satisfies Record<string, PrtgUnit>;

/** In an order that must not change: the kept state holds indices. */
export const prtgUnits: readonly PrtgUnit[] = Object.values(units);

/** By the metric's name, which ends with its base unit. */
export function toPrtgUnit(metric: string, kind: SampleKind): PrtgUnit {
  if (kind === "count") {
    if (metric.endsWith("_bytes_total")) {
      return units.bytesTotal;
    }
    return metric.endsWith("_seconds_total") ? units.secondsTotal : units.total;
  }
  if (kind === "distinct") {
    return units.whole;
  }
  if (/_(?:duration|time|phase)_seconds$/.test(metric)) {
    return units.milliseconds;
  }
  if (metric.endsWith("_seconds")) {
    return units.seconds;
  }
  if (metric.endsWith("_ratio")) {
    return units.percent;
  }
  if (metric.endsWith("_bytes")) {
    return units.bytes;
  }
  return metric.endsWith("_up") ? units.up : units.plain;
}

export interface PrtgChannel {
  readonly name: string;
  readonly unit: PrtgUnit;
  readonly value: number;
}

/** PRTG's limit for a message. */
const textCharsMax = 2_000;

export function toPrtgDocument(channels: readonly PrtgChannel[], text: string): string {
  const result = channels.map(({ name, unit, value }) => ({
    channel: name,
    value: toValueText(value * unit.factor, unit),
    unit: unit.unit,
    ...(unit.isFloat && { float: "1" }),
    ...(unit.isCount && { mode: "Difference", speedtime: "Second" }),
    ...(unit.limitMin !== undefined && { limitminerror: unit.limitMin, limitmode: "1" }),
  }));
  return JSON.stringify({ prtg: { result, text: toMessage(text) } });
}

/** What PRTG shows instead of values. */
export function toPrtgError(text: string): string {
  return JSON.stringify({ prtg: { error: "1", text: toMessage(text) } });
}

/** Without an exponent. */
function toValueText(value: number, { isFloat }: PrtgUnit): string {
  if (!isFloat || Math.abs(value) >= 1e15) {
    return BigInt(Math.round(value)).toString();
  }
  return value.toFixed(6).replace(/\.?0+$/, "");
}

function toMessage(text: string): string {
  return text.replaceAll("#", "").slice(0, textCharsMax);
}
