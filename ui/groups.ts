// Which groups of requests a chart shows apart, and in which colours.
import { assignColours, coloursMax, quietColour } from "./colours.ts";
import type { PlotSeries } from "./plot.ts";

/** Requests that no rule of the configuration gave a group: the server's name for them. */
export const unnamedGroup = "(ungrouped)";

/** What does not fit into a window or into a chart. */
export const otherGroups = "(other)";

export interface ShownGroups {
  /**
   * Names, each with a colour of its own, by name: an order by numbers would reshuffle the areas
   * all the time.
   */
  readonly series: readonly (PlotSeries & { readonly group: string })[];
  /** Drawn last, for all groups that are not in `series`; undefined when there are none. */
  readonly rest: PlotSeries | undefined;
  /** To be handed in the next time, so that groups keep their colours. */
  readonly colours: ReadonlyMap<string, string>;
}

/**
 * The busiest of `ranked` in colours, with what has no group above them in grey: it is often the
 * most, but says the least. The empty name stands for samples without the label.
 */
export function showGroups(
  ranked: readonly string[],
  held: ReadonlyMap<string, string>,
): ShownGroups {
  const named = ranked.filter((group) => !unlisted.has(group)).slice(0, coloursMax);
  const colours = assignColours(held, named);
  const series = named
    .toSorted()
    .map((group) => ({ group, label: group, colour: colours.get(group) ?? quietColour }));
  if (ranked.includes(unnamedGroup)) {
    series.push({ group: unnamedGroup, label: unnamedGroup, colour: "--series-unnamed" });
  }
  const isAll = series.length === ranked.length;
  const rest = { label: series.length === 0 ? "all" : "other", colour: quietColour };
  return { series, rest: isAll ? undefined : rest, colours };
}

const unlisted: ReadonlySet<string> = new Set(["", unnamedGroup, otherGroups]);
