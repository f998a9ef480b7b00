// Lines that are drawn alike wherever they appear.
import { coloursMax, quietColour } from "./colours.ts";
import type { PlotSeries } from "./plot.ts";

/** Server errors at the bottom, where they can be compared. */
export const errorSeries: readonly PlotSeries[] = [
  { label: "5xx", colour: "--server-errors" },
  { label: "4xx", colour: "--client-errors" },
];

export const quantileSeries: readonly (PlotSeries & { readonly quantile: number })[] = [
  { label: "p99", colour: "--p99", quantile: 0.99 },
  { label: "p90", colour: "--p90", quantile: 0.9 },
  { label: "p50", colour: "--p50", quantile: 0.5 },
];

/** The line of a week before, beside a line or an area of many colours. */
export const beforeSeries: PlotSeries = {
  label: "a week before",
  colour: "--before",
  isDashed: true,
};

/** The whole is drawn in the text's colour, so that the parts keep the palette to themselves. */
export function toPhaseSeries(phase: string, index: number): PlotSeries {
  const isWhole = phase === "total" || phase === "";
  const part = index < coloursMax ? `--series-${index + 1}` : quietColour;
  return { label: phase || "duration", colour: isWhole ? "--p99" : part };
}
