// How a time is written: the model that the mini-languages' date formats are parsed into.

/**
 * One piece of a time. Digits are decimal and exactly as many as said; names are English
 * (servers run in the C locale) and matched exactly.
 */
export type TimeItem =
  | { readonly kind: "literal"; readonly text: string }
  /** Two digits: day 01-31, hour 00-23, hour12 01-12, minute 00-59, second 00-60, year2 00-99. */
  | { readonly kind: "day" | "hour" | "hour12" | "minute" | "second" | "month" | "year2" }
  /** As above, with a space or nothing for a leading zero (`%e`, `%k`, `%l`, SimpleDateFormat's `d`). */
  | { readonly kind: "padded_day" | "padded_hour" | "padded_hour12" }
  /** Four digits. */
  | { readonly kind: "year" }
  /** `Jan`, `January`. */
  | { readonly kind: "month_name" | "month_full_name" }
  /** Read over, not checked against the date: `Mon`, `Monday`. */
  | { readonly kind: "weekday" | "weekday_full" }
  /** `AM` or `PM`, either case. */
  | { readonly kind: "meridiem" }
  /** The fraction of a second: so many digits, or (0) one to nine of them. */
  | { readonly kind: "fraction"; readonly digits: number }
  /** The fraction with its separator `.` or `,`, or nothing at all: RFC 3339. */
  | { readonly kind: "optional_fraction" }
  /** `+0200`, `+02:00`, `+02` or `Z`. */
  | { readonly kind: "zone" }
  /** `UTC`, `GMT` and `Z` are taken at their word; any other letters mean the source's zone. */
  | { readonly kind: "zone_name" }
  /**
   * Digits since 1970, perhaps with a fraction behind a point. `auto` goes by size: below 1e11
   * seconds, below 1e14 milliseconds, below 1e17 microseconds, else nanoseconds.
   */
  | { readonly kind: "epoch"; readonly unit: EpochUnit };

export type EpochUnit = "s" | "ms" | "us" | "ns" | "auto";

/**
 * Items in a row. A time needs no end mark: each item takes what it can, from the left. A layout
 * may hold only part of a time (a date, a fraction); the parts of a line are put together.
 *
 * Rules of the whole: a date that does not exist (31 February) is no time. `:60` is a leap second
 * and counts into the next minute. The instant is rounded down to the millisecond. Without a zone
 * it is the source's wall clock (see zone-clock.ts).
 */
export type TimeLayout = readonly TimeItem[];

function literal(text: string): TimeItem {
  return { kind: "literal", text };
}

const date: TimeLayout = [
  { kind: "year" },
  literal("-"),
  { kind: "month" },
  literal("-"),
  { kind: "day" },
];
const clock: TimeLayout = [
  { kind: "hour" },
  literal(":"),
  { kind: "minute" },
  literal(":"),
  { kind: "second" },
];
const slashed: TimeLayout = [
  { kind: "day" },
  literal("/"),
  { kind: "month_name" },
  literal("/"),
  { kind: "year" },
  literal(":"),
  ...clock,
];

/** `10/Oct/2000:13:55:36 -0700`, without brackets: Apache's `%t`, nginx's `$time_local`. */
export const clfTime: TimeLayout = [...slashed, literal(" "), { kind: "zone" }];
/** HAProxy's `%t` and `%tr`: `10/Oct/2000:13:55:36.123`, in the local zone. */
export const haproxyTime: TimeLayout = [...slashed, literal("."), { kind: "fraction", digits: 3 }];
/** RFC 3339 and nginx's `$time_iso8601`. */
export const isoTime: TimeLayout = [
  ...date,
  literal("T"),
  ...clock,
  { kind: "optional_fraction" },
  { kind: "zone" },
];
/** W3C: UTC. The fraction is rare. */
export const w3cDate: TimeLayout = date;
export const w3cTime: TimeLayout = [...clock, { kind: "optional_fraction" }];

export function epochTime(unit: EpochUnit): TimeLayout {
  return [{ kind: "epoch", unit }];
}

/** What a key of a JSON, LTSV or logfmt line, or a named group, may hold. The first that fits wins. */
export const anyTime: readonly TimeLayout[] = [
  isoTime,
  clfTime,
  [literal("["), ...clfTime, literal("]")],
  [...date, literal(" "), ...clock, { kind: "optional_fraction" }, { kind: "zone" }],
  [...date, literal("T"), ...clock, { kind: "optional_fraction" }],
  [...date, literal(" "), ...clock, { kind: "optional_fraction" }],
  haproxyTime,
  epochTime("auto"),
];

/** How many bytes a time of the layout has, when all of them have as many. */
export function lengthOf(layout: TimeLayout): number | undefined {
  let length = 0;
  for (const item of layout) {
    const own = itemLength(item);
    if (own === undefined) {
      return undefined;
    }
    length += own;
  }
  return length;
}

function itemLength(item: TimeItem): number | undefined {
  switch (item.kind) {
    case "literal":
      return item.text.length;
    case "day":
    case "hour":
    case "hour12":
    case "minute":
    case "second":
    case "month":
    case "year2":
    case "meridiem":
      return 2;
    case "year":
      return 4;
    case "month_name":
    case "weekday":
      return 3;
    case "fraction":
      return item.digits === 0 ? undefined : item.digits;
    case "padded_day":
    case "padded_hour":
    case "padded_hour12":
    case "month_full_name":
    case "weekday_full":
    case "optional_fraction":
    case "zone":
    case "zone_name":
    case "epoch":
      return undefined;
  }
}

const digitKinds: ReadonlySet<TimeItem["kind"]> = new Set([
  "day",
  "hour",
  "hour12",
  "minute",
  "second",
  "month",
  "year2",
  "year",
  "fraction",
  "epoch",
]);

/** Whether every time of the layout begins with a digit. */
export function isDigitsFirst(layout: TimeLayout): boolean {
  const [first] = layout;
  return (
    first !== undefined &&
    (first.kind === "literal" ? /^\d/.test(first.text) : digitKinds.has(first.kind))
  );
}

const clockKinds: ReadonlySet<TimeItem["kind"]> = new Set([
  "hour",
  "padded_hour",
  "hour12",
  "padded_hour12",
  "epoch",
]);
const dayKinds: ReadonlySet<TimeItem["kind"]> = new Set(["day", "padded_day", "epoch"]);

/** Whether an instant to the hour can be told from it. */
export function isWholeTime(layout: TimeLayout): boolean {
  return hasClock(layout) && hasDate(layout);
}

export function hasClock(layout: TimeLayout): boolean {
  return layout.some(({ kind }) => clockKinds.has(kind));
}

export function hasDate(layout: TimeLayout): boolean {
  return layout.some(({ kind }) => dayKinds.has(kind));
}
