// Axes that all charts have in common.
import type uPlot from "uplot";
import { formatTick } from "./format.ts";

/** What stands above a chart lines up with it: --axis-width and --axis-end in styles/tokens.css. */
const axisWidth = 52;
/** Half the label of an instant with its seconds, which may stand at the very end. */
const axisEndPadding = 26;
const font = "11px system-ui, sans-serif";

/** Around the plot: top, right, bottom, left. */
export const plotPadding: uPlot.Padding = [8, axisEndPadding, 0, 0];

type Colour = (property: string) => string;

/** Time along the bottom. */
export function toTimeAxis(colour: Colour): uPlot.Axis {
  return {
    ...toSharedAxis(colour),
    size: 24,
    space: 64,
    grid: { show: false },
    ticks: { show: true, stroke: () => colour("--grid"), width: 1, size: 4 },
    values: (_, splits) => splits.map((at) => formatTick(at, stepOf(splits))),
  };
}

/** Values at the left. */
export function toValueAxis(colour: Colour, format: (value: number) => string): uPlot.Axis {
  return {
    ...toSharedAxis(colour),
    size: axisWidth,
    space: 34,
    values: (_, splits) => splits.map(format),
  };
}

function toSharedAxis(colour: Colour): uPlot.Axis {
  return {
    font,
    gap: 6,
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
  };
}

/** The distance of the axis's ticks; a minute where there is one alone. */
function stepOf([first, second]: readonly number[]): number {
  return first === undefined || second === undefined ? 60_000 : second - first;
}
