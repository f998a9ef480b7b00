import type { LayoutResult } from "./parse-strftime.ts";
import type { TimeItem } from "./time-layout.ts";

/** A pattern of Java's SimpleDateFormat, as Tomcat's `%{…}t` has it: `dd/MMM/yyyy:HH:mm:ss.SSS Z`. */
export function parseDatePattern(pattern: string): LayoutResult {
  const layout: TimeItem[] = [];
  for (const [piece, quoted, letters] of pattern.matchAll(
    /'((?:[^']|'')*)'|(([A-Za-z])\3*)|[^A-Za-z']+|'/gs,
  )) {
    if (letters !== undefined) {
      const item = toItem(letters);
      if (item === undefined) {
        return { problem: `the time's ${letters} is not understood` };
      }
      layout.push(item);
    } else if (quoted === undefined) {
      layout.push({ kind: "literal", text: piece });
    } else {
      layout.push({ kind: "literal", text: quoted === "" ? "'" : quoted.replaceAll("''", "'") });
    }
  }
  return { layout };
}

const byLetters: Readonly<Record<string, TimeItem>> = {
  y: { kind: "year" },
  yy: { kind: "year2" },
  yyyy: { kind: "year" },
  MM: { kind: "month" },
  MMM: { kind: "month_name" },
  MMMM: { kind: "month_full_name" },
  d: { kind: "padded_day" },
  dd: { kind: "day" },
  H: { kind: "padded_hour" },
  HH: { kind: "hour" },
  h: { kind: "padded_hour12" },
  hh: { kind: "hour12" },
  mm: { kind: "minute" },
  ss: { kind: "second" },
  S: { kind: "fraction", digits: 0 },
  a: { kind: "meridiem" },
  E: { kind: "weekday" },
  EEE: { kind: "weekday" },
  EEEE: { kind: "weekday_full" },
  z: { kind: "zone_name" },
  Z: { kind: "zone" },
  X: { kind: "zone" },
  XX: { kind: "zone" },
  XXX: { kind: "zone" },
};

function toItem(letters: string): TimeItem | undefined {
  return /^S{2,9}$/.test(letters)
    ? { kind: "fraction", digits: letters.length }
    : byLetters[letters];
}
