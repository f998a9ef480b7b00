import type { TimeItem, TimeLayout } from "./time-layout.ts";

/** A layout, or what in the pattern is not understood. */
export type LayoutResult =
  | { readonly layout: TimeLayout; readonly problem?: never }
  | { readonly layout?: never; readonly problem: string };

/** Conversions in terms of others, as the C locale has them. */
const composed: Readonly<Record<string, string>> = {
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  T: "%H:%M:%S",
  c: "%a %b %e %H:%M:%S %Y",
  r: "%I:%M:%S %p",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
  h: "%b",
  n: "\n",
  t: "\t",
  "%": "%",
};

const items: Readonly<Record<string, TimeItem>> = {
  a: { kind: "weekday" },
  A: { kind: "weekday_full" },
  b: { kind: "month_name" },
  B: { kind: "month_full_name" },
  d: { kind: "day" },
  e: { kind: "padded_day" },
  H: { kind: "hour" },
  I: { kind: "hour12" },
  k: { kind: "padded_hour" },
  l: { kind: "padded_hour12" },
  m: { kind: "month" },
  M: { kind: "minute" },
  p: { kind: "meridiem" },
  P: { kind: "meridiem" },
  s: { kind: "epoch", unit: "s" },
  S: { kind: "second" },
  y: { kind: "year2" },
  Y: { kind: "year" },
  z: { kind: "zone" },
  Z: { kind: "zone_name" },
};

/** A pattern of strftime(3) in the C locale: `%d/%b/%Y:%H:%M:%S %z`. */
export function parseStrftime(pattern: string): LayoutResult {
  const layout: TimeItem[] = [];
  for (const [piece, letter] of pattern.matchAll(/%[EO]?(.)|[^%]+|%$/gs)) {
    const item = items[letter ?? ""];
    const inner = composed[letter ?? ""];
    if (letter === undefined && piece !== "%") {
      layout.push({ kind: "literal", text: piece });
    } else if (item !== undefined) {
      layout.push(item);
    } else if (inner?.startsWith("%") === true && inner !== "%") {
      layout.push(...(parseStrftime(inner).layout ?? []));
    } else if (inner !== undefined) {
      layout.push({ kind: "literal", text: inner });
    } else {
      return { problem: `the time's ${piece} is not understood` };
    }
  }
  return { layout };
}
