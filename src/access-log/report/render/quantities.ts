// Quantities as people read them: few digits, always with their unit.

import { toSizeText } from "../../../core/units.ts";

const grouping = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `88,395` */
export function toCountText(count: number): string {
  return grouping.format(count);
}

/** `1 line`, `2 lines` */
export function toNounText(count: number, noun: string): string {
  return `${toCountText(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `4.1%` of 0.041; `<0.1%` of little; empty when there is no whole. */
export function toShareText(part: number, whole: number): string {
  if (whole === 0) {
    return "";
  }
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) {
    return "<0.1%";
  }
  return `${percent >= 99.95 ? "100" : percent.toFixed(1)}%`;
}

/** `350 µs`, `43 ms`, `1.02 s`, `2 min 5 s`; `–` for none. */
export function toSecondsText(seconds: number | null): string {
  if (seconds === null) {
    return "–";
  }
  if (seconds === 0) {
    return "0 s";
  }
  if (seconds < 0.0009995) {
    return `${Number((seconds * 1e6).toPrecision(3))} µs`;
  }
  if (seconds < 0.9995) {
    return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  }
  return seconds < 59.95 ? `${Number(seconds.toPrecision(3))} s` : toSpanText(seconds);
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest units of a stretch of time: `1 h 5 min`, `3 d`. */
export function toSpanText(seconds: number): string {
  const whole = Math.round(seconds);
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) {
    return "0 s";
  }
  let rest = whole;
  const parts = units.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? "" : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}

/** `84/s`, `12/min`, `3/h`: the unit in which it is at least one. */
export function toRateText(perSecond: number): string {
  const found = (
    [
      ["s", 1],
      ["min", 60],
      ["h", 3600],
    ] as const
  ).find(([, seconds]) => perSecond * seconds >= 1);
  const [unit, seconds] = found ?? (["d", 86_400] as const);
  const rate = perSecond * seconds;
  return `${rate >= 100 ? toCountText(rate) : Number(rate.toPrecision(3))}/${unit}`;
}

export function toBytesText(bytes: number): string {
  return toSizeText(bytes);
}

/** Instants in one time zone. */
export interface Instants {
  /** `Sat 10 Oct 2026, 13:55:36` */
  readonly full: (iso: string) => string;
  readonly date: (iso: string) => string;
  /** `13:55`, and with the day where the whole is longer than one: `10 Oct 13:55`. */
  readonly short: (iso: string, isLong: boolean) => string;
  /** The zone's name. */
  readonly zone: string;
}

/** Throws RangeError when there is no such zone. */
export function createInstants(zone: string): Instants {
  const format = (options: Intl.DateTimeFormatOptions): ((iso: string) => string) => {
    const formatter = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    return (iso) => formatter.format(new Date(iso));
  };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const date = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const day = format({ day: "numeric", month: "short" });
  const time = format(clock);
  const timeWithSeconds = format({ ...clock, second: "2-digit" });
  const plain = (iso: string): string => date(iso).replace(",", "");
  return {
    full: (iso) => `${plain(iso)} ${timeWithSeconds(iso)}`,
    date: plain,
    short: (iso, isLong) => (isLong ? `${day(iso)} ${time(iso)}` : time(iso)),
    zone,
  };
}
