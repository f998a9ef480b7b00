// Reads times by their layout: slowly and obviously. Scanners remember the last time instead and
// come here for a new one.

import type { EpochUnit, TimeItem, TimeLayout } from "./time-layout.ts";
import type { ZoneClock } from "./zone-clock.ts";

/** What the parts of a time have said; months count from 1. */
export interface TimeComponents {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly hour12?: number;
  readonly isAfternoon?: boolean;
  readonly minute?: number;
  readonly second?: number;
  readonly fractionMs?: number;
  /** East of Greenwich; undefined in `zoneMinutes: undefined` for the source's own. */
  readonly zoneMinutes?: number;
  readonly epochMs?: number;
}

export interface ReadTime {
  readonly components: TimeComponents;
  /** Behind the last character that the layout took. */
  readonly end: number;
}

/** Takes `layout` from `text` at `at`, item by item; undefined when it does not fit. */
export function readTime(text: string, at: number, layout: TimeLayout): ReadTime | undefined {
  let components: TimeComponents = {};
  let end = at;
  for (const item of layout) {
    const found = readItem(text, end, item);
    if (found === undefined) {
      return undefined;
    }
    components = { ...found.components, ...components };
    end = found.end;
  }
  return { components, end };
}

/**
 * Milliseconds since the epoch, rounded down; undefined when the components are not enough or are
 * no date. `zone` says what a wall clock without an offset means; `lastingMs` is how long after it
 * the line was written.
 */
export function toInstant(
  time: TimeComponents,
  zone: ZoneClock,
  lastingMs = 0,
): number | undefined {
  if (time.epochMs !== undefined) {
    const epochMs = time.epochMs + (time.fractionMs ?? 0);
    return epochMs <= 8.64e15 ? epochMs : undefined;
  }
  const { year, month, day, minute = 0, second = 0, fractionMs = 0, zoneMinutes } = time;
  const hour = hourOf(time);
  if (year === undefined || month === undefined || day === undefined || hour === undefined) {
    return undefined;
  }
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCDate() !== day || midnight.getUTCMonth() !== month - 1) {
    return undefined;
  }
  if (hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  const wallMs = midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
  return zoneMinutes === undefined
    ? zone.toInstant(wallMs, lastingMs)
    : wallMs - zoneMinutes * 60_000;
}

function hourOf({ hour, hour12, isAfternoon = false }: TimeComponents): number | undefined {
  if (hour !== undefined || hour12 === undefined) {
    return hour;
  }
  return hour12 < 1 || hour12 > 12 ? undefined : (hour12 % 12) + (isAfternoon ? 12 : 0);
}

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function readItem(text: string, at: number, item: TimeItem): ReadTime | undefined {
  switch (item.kind) {
    case "literal":
      return text.startsWith(item.text, at)
        ? { components: {}, end: at + item.text.length }
        : undefined;
    case "year":
      return match(text, at, /\d{4}/y, (digits) => ({ year: Number(digits) }));
    case "year2":
      return match(text, at, /\d\d/y, (digits) => ({ year: toFullYear(Number(digits)) }));
    case "day":
    case "hour":
    case "hour12":
    case "minute":
    case "second":
    case "month":
      return match(text, at, /\d\d/y, (digits) => ({ [item.kind]: Number(digits) }));
    case "padded_day":
      return match(text, at, /[ \d]?\d/y, (digits) => ({ day: Number(digits) }));
    case "padded_hour":
      return match(text, at, /[ \d]?\d/y, (digits) => ({ hour: Number(digits) }));
    case "padded_hour12":
      return match(text, at, /[ \d]?\d/y, (digits) => ({ hour12: Number(digits) }));
    case "month_name":
      return readName(
        text,
        at,
        monthNames.map((name) => name.slice(0, 3)),
        (month) => ({ month }),
      );
    case "month_full_name":
      return readName(text, at, monthNames, (month) => ({ month }));
    case "weekday":
      return readName(
        text,
        at,
        weekdays.map((name) => name.slice(0, 3)),
        () => ({}),
      );
    case "weekday_full":
      return readName(text, at, weekdays, () => ({}));
    case "meridiem":
      return match(text, at, /[AP]M/iy, (half) => ({ isAfternoon: /p/i.test(half) }));
    case "fraction":
      return readFraction(text, at, item.digits);
    case "optional_fraction":
      return (
        match(text, at, /[.,]\d{1,9}/y, (found) => ({ fractionMs: toMs(found.slice(1)) })) ?? {
          components: {},
          end: at,
        }
      );
    case "zone":
      return readZone(text, at);
    case "zone_name":
      return match(text, at, /[A-Za-z]{1,6}/y, (name) =>
        /^(?:UTC|GMT|Z)$/.test(name) ? { zoneMinutes: 0 } : {},
      );
    case "epoch":
      return readEpoch(text, at, item.unit);
  }
}

/** `pattern` is sticky. */
function match(
  text: string,
  at: number,
  pattern: RegExp,
  toComponents: (found: string) => TimeComponents,
): ReadTime | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  return found === undefined
    ? undefined
    : { components: toComponents(found), end: at + found.length };
}

function readName(
  text: string,
  at: number,
  names: readonly string[],
  toComponents: (number: number) => TimeComponents,
): ReadTime | undefined {
  const index = names.findIndex((name) => text.startsWith(name, at));
  return index < 0
    ? undefined
    : { components: toComponents(index + 1), end: at + (names[index] ?? "").length };
}

function readFraction(text: string, at: number, digits: number): ReadTime | undefined {
  const pattern = digits === 0 ? /\d{1,9}/y : new RegExp(`\\d{${digits}}`, "y");
  return match(text, at, pattern, (found) => ({ fractionMs: toMs(found) }));
}

function readZone(text: string, at: number): ReadTime | undefined {
  const found = match(text, at, /Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?/y, (zone) => {
    const sign = zone.startsWith("-") ? -1 : 1;
    const [, hours = "0", minutes = "0"] = /(\d\d):?(\d\d)?/.exec(zone) ?? [];
    return { zoneMinutes: sign * (Number(hours) * 60 + Number(minutes)) };
  });
  return found;
}

function readEpoch(text: string, at: number, unit: EpochUnit): ReadTime | undefined {
  return match(text, at, /\d{1,19}(?:\.\d+)?/y, (found) => {
    const [whole = "", fraction = ""] = found.split(".");
    return { epochMs: epochToMs(whole, fraction, unit === "auto" ? guessUnit(whole) : unit) };
  });
}

function guessUnit(digits: string): Exclude<EpochUnit, "auto"> {
  const size = digits.replace(/^0+/, "").length;
  if (size <= 11) {
    return "s";
  }
  if (size <= 14) {
    return "ms";
  }
  return size <= 17 ? "us" : "ns";
}

/** On digits, because nanoseconds since 1970 are more than a double holds. */
function epochToMs(whole: string, fraction: string, unit: Exclude<EpochUnit, "auto">): number {
  switch (unit) {
    case "s":
      return Number(whole) * 1000 + toMs(fraction);
    case "ms":
      return Number(whole);
    case "us":
      return Number(whole.slice(0, -3));
    case "ns":
      return Number(whole.slice(0, -6));
  }
}

/** The digits behind the point of a second: `5` is 500 ms, `123999` is 123 ms. */
function toMs(digits: string): number {
  return Number(digits.slice(0, 3).padEnd(3, "0"));
}

/** POSIX: 69 to 99 are of the last century. */
function toFullYear(year: number): number {
  return year < 69 ? 2000 + year : 1900 + year;
}
