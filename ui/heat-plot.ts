// How observations are spread over time: a column for each step, a row for each stretch of values,
// darker for more.
import type uPlot from "uplot";
import type { HeatMapReply } from "./api.ts";
import { cellAt, type HeatCell, toDepth, trimRows } from "./heat-map.ts";
import { mountPlot, type MountedPlot, sharedCursor, takeSelection } from "./mounted-plot.ts";
import { plotPadding, toTimeAxis, toValueAxis } from "./plot-axes.ts";
import { stepAt } from "./past-columns.ts";
import type { Window } from "./series.ts";
import { withAlpha } from "./theme.ts";

export interface HeatPlotOptions {
  readonly format: (value: number) => string;
  /** Resolves a custom property to a colour. */
  readonly colour: (property: string) => string;
  /** What is under the cursor; undefined when it is elsewhere. */
  readonly onHover: (cell: HeatCell | undefined) => void;
  /** The time that was dragged over. */
  readonly onSelect: (window: Window) => void;
}

export interface HeatPlot extends Omit<MountedPlot, "draw"> {
  update(map: HeatMapReply, range: Window): void;
}

export function createHeatPlot(mount: HTMLElement, options: HeatPlotOptions): HeatPlot {
  let map: HeatMapReply = { from: "", to: "", stepMs: 1, bounds: [], columns: [] };
  let range: Window = { from: 0, to: 1 };
  const mounted = mountPlot(
    mount,
    toUplotOptions(options, () => map),
    (plot) => {
      plot.batch(() => {
        const x = map.columns.map(([at]) => at);
        plot.setData([x, x.map(() => null)], false);
        plot.setScale("x", { min: range.from, max: range.to });
        plot.setScale("y", { min: 0, max: Math.max(1, map.bounds.length) });
      });
    },
  );
  return {
    update(nextMap, nextRange) {
      map = trimRows(nextMap);
      range = nextRange;
      mounted.draw();
    },
    recolour: () => mounted.recolour(),
    destroy: () => mounted.destroy(),
  };
}

function toUplotOptions(
  { colour, format, onHover, onSelect }: HeatPlotOptions,
  map: () => HeatMapReply,
): Omit<uPlot.Options, "width" | "height"> {
  const toEdge = (row: number): string => {
    const bound = map().bounds[row - 1];
    return bound === undefined ? "" : format(bound);
  };
  return {
    ms: 1,
    padding: plotPadding,
    legend: { show: false },
    cursor: { ...sharedCursor, points: { show: false } },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    axes: [
      toTimeAxis(colour),
      { ...toValueAxis(colour, toEdge), incrs: [1, 2, 3, 5, 10], grid: { show: false } },
    ],
    series: [{}, { points: { show: false } }],
    hooks: {
      drawClear: [(plot) => drawCells(plot, map(), colour("--heat"))],
      setCursor: [
        (plot) => {
          const { left = -1, top = -1 } = plot.cursor;
          const isInside = left >= 0 && top >= 0;
          const [at, height] = [plot.posToVal(left, "x"), plot.posToVal(top, "y")];
          onHover(isInside ? cellAt(map(), at, height) : undefined);
        },
      ],
      setSelect: [
        (plot) => {
          const window = takeSelection(plot);
          if (window !== undefined) {
            onSelect(window);
          }
        },
      ],
    },
  };
}

/** In pixels, the width of a column that is alone: a single day of a year has to be seen. */
const loneMin = 4;

function drawCells(
  plot: uPlot,
  { columns, stepMs, spans = [] }: HeatMapReply,
  colour: string,
): void {
  const { ctx, bbox } = plot;
  const countMax = columns.reduce((max, [, counts]) => Math.max(max, ...counts), 0);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [at, counts] of columns) {
    const right = Math.floor(plot.valToPos(at + stepAt({ spans, stepMs }, at), "x", true));
    const start = Math.floor(plot.valToPos(at, "x", true));
    const left = columns.length > 1 ? start : Math.min(start, bbox.left + bbox.width - loneMin);
    const width = Math.max(columns.length > 1 ? 1 : loneMin, right - left);
    for (const [row, count] of counts.entries()) {
      if (count > 0) {
        const top = Math.floor(plot.valToPos(row + 1, "y", true));
        const bottom = Math.floor(plot.valToPos(row, "y", true));
        ctx.fillStyle = withAlpha(colour, toDepth(count, countMax));
        ctx.fillRect(left, top, width, Math.max(1, bottom - top));
      }
    }
  }
  ctx.restore();
}
