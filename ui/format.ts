// Numbers, units and times as the page writes them. English throughout; digits are set in tabular
// figures.

const nbsp = "\u00a0";
const none = "–";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const clockMinute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const month = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });
/** The shortest. */
const monthMs = 28 * 86_400_000;
const dayMs = 86_400_000;
const dateAndClock = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

/** "1,284,113": every digit, for what was counted. */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/**
 * Three significant digits, or all digits before the point: "0.042", "4.2", "42.1", "1,284",
 * "12.9k".
 */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) {
    return none;
  }
  const size = Math.abs(value);
  if (size >= 10_000) {
    return formatThousands(value);
  }
  return size >= 100 ? formatCount(value) : trimDigits(value);
}

function formatThousands(value: number): string {
  for (const [unit, factor] of [
    ["G", 1e9],
    ["M", 1e6],
  ] as const) {
    if (Math.abs(value) >= factor * 0.9995) {
      return `${trimDigits(value / factor)}${unit}`;
    }
  }
  return `${trimDigits(value / 1e3)}k`;
}

/** 3 significant digits, but never more than 3 decimals, and no zeros at the end. */
function trimDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return String(Math.round(rounded * 1000) / 1000);
}

/** Seconds in the unit that fits: "420 µs", "18.2 ms", "1.25 s", "2 min 5 s". */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) {
    return none;
  }
  if (seconds === 0) {
    return `0${nbsp}ms`;
  }
  if (seconds < 0.000_999_5) {
    return `${trimDigits(seconds * 1e6)}${nbsp}µs`;
  }
  if (seconds < 0.9995) {
    return `${trimDigits(seconds * 1e3)}${nbsp}ms`;
  }
  return seconds < 60 ? `${trimDigits(seconds)}${nbsp}s` : formatAge(seconds * 1000);
}

/** "1.5 MiB". */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) {
    return none;
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${trimDigits(bytes / 2 ** (10 * step))}${nbsp}${units[step]}`;
}

/**
 * 0.0234 is "2.34 %"; anything between 0 and 0.01 % is "< 0.01 %", so that little is never shown as
 * nothing.
 */
export function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) {
    return none;
  }
  if (ratio > 0 && ratio < 0.0001) {
    return `<${nbsp}0.01${nbsp}%`;
  }
  // Only the whole is 100 %: 0.99996 must not look like it.
  const percent = ratio < 1 ? Math.min(ratio * 100, 99.99) : ratio * 100;
  return `${Math.round(percent * 100) / 100}${nbsp}%`;
}

/** A span in its two largest units: "8 s", "4 min 10 s", "2 h 5 min", "3 d 4 h". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: readonly (readonly [string, number, number])[] = [
    ["d", 86_400, 3_600],
    ["h", 3_600, 60],
    ["min", 60, 1],
  ];
  for (const [index, [unit, size, smaller]] of parts.entries()) {
    if (seconds >= size) {
      const rest = Math.floor((seconds % size) / smaller);
      const restUnit = parts[index + 1]?.[0] ?? "s";
      const whole = `${Math.floor(seconds / size)}${nbsp}${unit}`;
      return rest === 0 ? whole : `${whole} ${rest}${nbsp}${restUnit}`;
    }
  }
  return `${seconds}${nbsp}s`;
}

/** As formatAge, in the largest unit alone: for what is glanced at. */
export function formatAgeShort(ms: number): string {
  return formatAge(ms).split(" ")[0] ?? "";
}

/** "16:04:12" in the reader's time zone. */
export function formatClock(ms: number): string {
  return clock.format(ms);
}

/**
 * An instant on a time axis, as short as its step allows: "16:04:30", "16:04", "20 Nov", "Nov
 * 2026".
 */
export function formatTick(ms: number, stepMs: number): string {
  const at = new Date(ms);
  if (stepMs < 60_000) {
    return clock.format(at);
  }
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
  if (!isMidnight) {
    return clockMinute.format(at);
  }
  return stepMs < monthMs ? day.format(at) : month.format(at);
}

/** An instant under a cursor: "16:04:12", or with its day in a range of more than one. */
export function formatAt(
  ms: number,
  range: { readonly from: number; readonly to: number },
): string {
  return range.to - range.from <= dayMs ? formatClock(ms) : formatMoment(ms);
}

/** "20 Nov, 16:04": on the minute, for what is read in passing. */
export function formatMoment(ms: number): string {
  return moment.format(ms);
}

/** "20 Nov 2026, 16:04:12 UTC": for tooltips. */
export function formatInstant(ms: number): string {
  return dateAndClock.format(ms);
}

/** `group=api status=500`, in the order of the names. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).toSorted();
  return names.map((name) => `${name}=${labels[name]}`).join(" ");
}
