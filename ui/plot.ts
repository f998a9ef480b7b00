// A uPlot chart of the page's making: time below, one scale from zero, incidents shaded, the cursor
// shared by all charts.
import uPlot from "uplot";
import type { Missing } from "./missing.ts";
import { mountPlot, sharedCursor, takeSelection } from "./mounted-plot.ts";
import { plotPadding, toTimeAxis, toValueAxis } from "./plot-axes.ts";
import { type Columns, isolatedRows, mergeSpans, type Window } from "./series.ts";
import { withAlpha } from "./theme.ts";

export interface PlotSeries {
  readonly label: string;
  /** The custom property of its colour. */
  readonly colour: string;
  /**
   * Drawn over the others, as what they are compared with: never stacked. They are the last of the
   * series.
   */
  readonly isDashed?: boolean;
}

export interface ChartData {
  /** None when there is nothing to draw. */
  readonly series: readonly PlotSeries[];
  /** One column of values per series, as they are: stacking is done here. */
  readonly columns: Columns;
  readonly missing?: Missing;
}

export interface PlotOptions {
  readonly series: readonly PlotSeries[];
  /** The areas are filled, each down to the series before it. */
  readonly stacked: boolean;
  /** The top of the scale while all values are below it. */
  readonly topMin: number;
  readonly format: (value: number) => string;
  /** Whether round numbers are powers of two, as of bytes. */
  readonly binary: boolean;
  /** Resolves a custom property to a colour. */
  readonly colour: (property: string) => string;
  /** The instant under the cursor, or null when it is elsewhere. */
  readonly onHover: (at: number | null) => void;
  /** The time that was dragged over. */
  readonly onSelect: (window: Window) => void;
}

export interface PlotData {
  readonly columns: Columns;
  /** The ends of the time axis. */
  readonly range: Window;
  /** Shaded times: incidents. */
  readonly spans: readonly Window[];
}

export interface Plot {
  /** Draws the data now, or, while the chart is out of sight, once it is seen. */
  update(data: PlotData): void;
  /** Draws again, in colours that may have changed. */
  recolour(): void;
  destroy(): void;
}

export function createPlot(mount: HTMLElement, options: PlotOptions): Plot {
  let data: PlotData = { columns: { x: [], y: [] }, range: { from: 0, to: 1 }, spans: [] };
  const mounted = mountPlot(
    mount,
    toUplotOptions(options, () => data),
    (plot) => {
      plot.batch(() => {
        plot.setData(toAligned(data.columns, options.series.length), false);
        plot.setScale("x", { min: data.range.from, max: data.range.to });
      });
    },
  );
  return {
    update(next) {
      data = next;
      mounted.draw();
    },
    recolour: () => mounted.recolour(),
    destroy: () => mounted.destroy(),
  };
}

/** uPlot takes mutable arrays, and one for each series even before there is data. */
function toAligned({ x, y }: Columns, seriesCount: number): uPlot.AlignedData {
  const values = Array.from({ length: seriesCount }, (_, index) => [...(y[index] ?? [])]);
  return [[...x], ...values];
}

function toUplotOptions(
  options: PlotOptions,
  data: () => PlotData,
): Omit<uPlot.Options, "width" | "height"> {
  const { colour, format, binary } = options;
  const stackedCount = options.series.filter(({ isDashed }) => isDashed !== true).length;
  return {
    ms: 1,
    padding: plotPadding,
    legend: { show: false },
    cursor: { ...sharedCursor, points: { size: 5, width: 0 } },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_, __, max) => [0, Math.max((max ?? 0) * 1.08, options.topMin)] },
    },
    axes: [toTimeAxis(colour), { ...toValueAxis(colour, format), ...(binary && { incrs }) }],
    series: [{}, ...options.series.map((series, index) => toSeries(options, series, index))],
    bands: options.stacked
      ? Array.from({ length: Math.max(0, stackedCount - 1) }, (_, index) => ({
          series: [index + 2, index + 1],
        }))
      : [],
    hooks: {
      drawClear: [(plot) => shadeSpans(plot, data(), options)],
      setCursor: [(plot) => options.onHover(toHovered(plot))],
      setSelect: [
        (plot) => {
          const window = takeSelection(plot);
          if (window !== undefined) {
            options.onSelect(window);
          }
        },
      ],
    },
  };
}

/** 1, 2, 4 … up to 2 ** 59. */
const incrs = Array.from({ length: 60 }, (_, exponent) => 2 ** exponent);

function toSeries(
  { colour, stacked, format }: PlotOptions,
  series: PlotSeries,
  index: number,
): uPlot.Series {
  const isArea = stacked && series.isDashed !== true;
  return {
    label: series.label,
    width: isArea ? 1 : 1.5,
    stroke: () => colour(series.colour),
    ...(series.isDashed === true && { dash: [5, 4], width: 1.25 }),
    // The lowest area of a stack reaches down to zero; the others are bands.
    ...(isArea && { fill: () => withAlpha(colour(series.colour), 0.32) }),
    value: (_, value) => format(value),
    points: {
      // Not hollow, and large enough for one that is alone at the edge of a year.
      size: 6,
      width: 0,
      fill: () => colour(series.colour),
      show: false,
      filter: (plot) => isolatedRows(plot.data[index + 1] ?? []),
    },
  };
}

/** Of a month, incidents of minutes are a few pixels that would darken each other. */
function shadeSpans(plot: uPlot, { spans, range }: PlotData, { colour }: PlotOptions): void {
  const { ctx, bbox } = plot;
  const bad = colour("--bad");
  const closeMs = ((range.to - range.from) / bbox.width) * 2 * uPlot.pxRatio;
  ctx.save();
  for (const span of mergeSpans(spans, closeMs)) {
    if (span.to <= range.from || span.from >= range.to) {
      continue;
    }
    const left = plot.valToPos(Math.max(span.from, range.from), "x", true);
    const right = plot.valToPos(Math.min(span.to, range.to), "x", true);
    const width = Math.max(right - left, uPlot.pxRatio);
    ctx.fillStyle = withAlpha(bad, 0.1);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = bad;
    ctx.fillRect(left, bbox.top, width, 2 * uPlot.pxRatio);
  }
  ctx.restore();
}

function toHovered({ cursor, data }: uPlot): number | null {
  const { idx, left } = cursor;
  return idx === null || idx === undefined || (left ?? -1) < 0 ? null : (data[0]?.[idx] ?? null);
}
