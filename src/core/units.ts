// Quantities as people write them: "10s", "512 KiB", "30/s", "5%". Every parser returns undefined for what it does
// not understand; the caller says where it stood.

/** Milliseconds by the unit of a duration. */
export const durationUnitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Bytes by the unit of a size: SI and IEC prefixes (IEC 80000-13): kB is 1 000, KiB is 1 024. */
export const sizeUnitsBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const numberPattern = /^\s*(-?\d+(?:\.\d+)?)\s*(.*?)\s*$/;

/** "1h30m", "250ms", "2d" in milliseconds. Several parts run together; a bare number is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^\s*(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(text)) {
    return undefined;
  }
  let totalMs = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unitMs = durationUnitsMs[unit ?? ""];
    if (unitMs === undefined) {
      return undefined;
    }
    totalMs += Number(digits) * unitMs;
  }
  return Number.isFinite(totalMs) ? totalMs : undefined;
}

/** "512 KiB", "1.5GB" in bytes; a bare number is not a size. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = numberPattern.exec(text) ?? [];
  const unitBytes = sizeUnitsBytes[unit ?? ""];
  if (unitBytes === undefined || Number(digits) < 0) {
    return undefined;
  }
  const bytes = Number(digits) * unitBytes;
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** What a quantity was written as: a duration, a size, a percentage, or a number without unit. */
export type UnitSort = "none" | "time" | "size" | "ratio";

/** A number to compare a metric with, in the metric's base unit. */
export interface Threshold {
  /** Seconds for durations, bytes for sizes, 0 to 1 for percentages; else the number itself. */
  readonly value: number;
  /** Set for a rate: the value is meant per second. */
  readonly perSecond: boolean;
  /** The sort of the unit it was written with, the period of a rate apart: 10 MB/s is a size. */
  readonly unit: UnitSort;
}

/** "30/s", "90/min", "800ms", "10 MB", "5%", "200" (also as a number). */
export function parseThreshold(input: string | number): Threshold | undefined {
  if (typeof input === "number") {
    return Number.isFinite(input) ? { value: input, perSecond: false, unit: "none" } : undefined;
  }
  const [amount = "", per, ...rest] = input.split("/");
  const parsed = parseAmount(amount);
  if (parsed === undefined || !Number.isFinite(parsed.value) || rest.length > 0) {
    return undefined;
  }
  if (per === undefined) {
    return { ...parsed, perSecond: false };
  }
  const periodMs = parseDuration(/^\s*\d/.test(per) ? per : `1${per.trim()}`);
  return periodMs === undefined || periodMs === 0
    ? undefined
    : { value: (parsed.value * 1000) / periodMs, perSecond: true, unit: parsed.unit };
}

function parseAmount(text: string): Pick<Threshold, "value" | "unit"> | undefined {
  const [, digits, unit] = numberPattern.exec(text) ?? [];
  if (unit === "") {
    return { value: Number(digits), unit: "none" };
  }
  if (unit === "%") {
    return { value: Number(digits) / 100, unit: "ratio" };
  }
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) {
    return { value: durationMs / 1000, unit: "time" };
  }
  const bytes = parseSize(text);
  return bytes === undefined ? undefined : { value: bytes, unit: "size" };
}

/** The shortest exact form that parseDuration reads back: 90000 is "1m30s". */
export function toDurationText(ms: number): string {
  if (ms < 1000) {
    return `${ms}ms`;
  }
  let rest = ms;
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const unitMs = durationUnitsMs[unit] ?? 1;
    const whole = Math.floor(rest / unitMs);
    if (whole > 0) {
      text += `${whole}${unit}`;
      rest -= whole * unitMs;
    }
  }
  return text;
}

/** "1.5 GiB": for people, three significant digits. */
export function toSizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 2 ** (10 * step);
  return `${step === 0 ? value : Number(value.toPrecision(3))} ${units[step]}`;
}
