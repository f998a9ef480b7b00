// Which of the times in a line count, and how its pieces come together.

import type { TimeIs } from "./line-format.ts";
import type { Token, TimeToken } from "./_tokens.ts";
import type { TimeItem, TimeLayout } from "./time-layout.ts";

type Component = "year" | "month" | "day" | "hour" | "fraction" | "zone" | "epoch" | "other";

const wholeDate: readonly Component[] = ["year", "month", "day", "hour"];

/**
 * Marks the time tokens that are used: pieces until a date and a clock are together, behind that
 * only a fraction or a zone of its own. When they never come together, none is used.
 */
export function chooseTimes(tokens: readonly Token[]): {
  readonly tokens: readonly Token[];
  readonly timeIs: TimeIs;
} {
  const known = new Set<Component>();
  const used = new Set<Token>();
  let timeIs: TimeIs | undefined;
  for (const token of tokens) {
    if (token.kind === "time" && adds(token, known)) {
      used.add(token);
      timeIs ??= token.timeIs;
      for (const component of componentsOf(token.layout)) {
        known.add(component);
      }
    }
  }
  const isUsable = isWhole(known);
  const chosen = tokens.map((token) =>
    token.kind === "time" ? { ...token, isUsed: isUsable && used.has(token) } : token,
  );
  return { tokens: chosen, timeIs: timeIs ?? "end" };
}

function adds({ layout }: TimeToken, known: ReadonlySet<Component>): boolean {
  const own = componentsOf(layout).filter((component) => component !== "other");
  const isNew = own.some((component) => !known.has(component));
  if (!isWhole(known)) {
    return isNew;
  }
  const isDetail = own.every((component) => component === "fraction" || component === "zone");
  return isNew && isDetail && !(known.has("epoch") && own.includes("zone"));
}

function isWhole(known: ReadonlySet<Component>): boolean {
  return known.has("epoch") || wholeDate.every((component) => known.has(component));
}

function componentsOf(layout: TimeLayout): readonly Component[] {
  return layout.map(componentOf);
}

function componentOf({ kind }: TimeItem): Component {
  switch (kind) {
    case "year":
    case "year2":
      return "year";
    case "month":
    case "month_name":
    case "month_full_name":
      return "month";
    case "day":
    case "padded_day":
      return "day";
    case "hour":
    case "hour12":
    case "padded_hour":
    case "padded_hour12":
      return "hour";
    case "fraction":
    case "optional_fraction":
      return "fraction";
    case "zone":
    case "zone_name":
      return "zone";
    case "epoch":
      return "epoch";
    case "literal":
    case "minute":
    case "second":
    case "weekday":
    case "weekday_full":
    case "meridiem":
      return "other";
  }
}
