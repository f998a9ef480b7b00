// A uPlot chart of the page's making: time below, one scale from zero, incidents shaded, the cursor shared by all charts.
import uPlot from "uplot";
import { type Columns, isolatedRows, type Window } from "./series.ts";
import { withAlpha } from "./theme.ts";
import { formatTick } from "./format.ts";

export interface PlotSeries {
  readonly label: string;
  /** The custom property of its colour. */
  readonly colour: string;
}

export interface PlotOptions {
  readonly series: readonly PlotSeries[];
  /** The areas are filled, each down to the series before it. */
  readonly stacked: boolean;
  /** The top of the scale while all values are below it. */
  readonly topMin: number;
  readonly format: (value: number) => string;
  /** Resolves a custom property to a colour. */
  readonly colour: (property: string) => string;
  /** The instant under the cursor, or null when it is elsewhere. */
  readonly onHover: (at: number | null) => void;
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

/** What stands above a chart lines up with it: --axis-width and --axis-end in styles/tokens.css. */
const axisWidth = 52;
/** Half the label of an instant, which may stand at the very end. */
const axisEndPadding = 16;
const font = "11px system-ui, sans-serif";

/** Fills `mount`, whatever size it has or gets. */
export function createPlot(mount: HTMLElement, options: PlotOptions): Plot {
  let data: PlotData = { columns: { x: [], y: [] }, range: { from: 0, to: 1 }, spans: [] };
  let seen = false;
  let stale = true;
  const size = (): { width: number; height: number } => ({
    width: Math.max(mount.clientWidth, 80),
    height: Math.max(mount.clientHeight, 60),
  });
  const plot = new uPlot(
    toUplotOptions(options, size(), () => data),
    undefined,
    mount,
  );

  function draw(): void {
    stale = !seen;
    if (seen) {
      plot.batch(() => {
        plot.setData(toAligned(data.columns, options.series.length), false);
        plot.setScale("x", { min: data.range.from, max: data.range.to });
      });
    }
  }

  const resize = new ResizeObserver(() => plot.setSize(size()));
  resize.observe(mount);
  const sight = new IntersectionObserver(
    (entries) => {
      seen = entries.at(-1)?.isIntersecting ?? false;
      if (seen && stale) {
        draw();
      }
    },
    { rootMargin: "200px" },
  );
  sight.observe(mount);

  return {
    update(next) {
      data = next;
      draw();
    },
    recolour: () => plot.redraw(false, true),
    destroy() {
      sight.disconnect();
      resize.disconnect();
      plot.destroy();
    },
  };
}

/** uPlot takes mutable arrays, and one for each series even before there is data. */
function toAligned({ x, y }: Columns, seriesCount: number): uPlot.AlignedData {
  const values = Array.from({ length: seriesCount }, (_, index) => [...(y[index] ?? [])]);
  return [[...x], ...values];
}

function toUplotOptions(
  options: PlotOptions,
  size: { readonly width: number; readonly height: number },
  data: () => PlotData,
): uPlot.Options {
  return {
    ...size,
    ms: 1,
    padding: [8, axisEndPadding, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: "watchpost", scales: ["x", null] },
      points: { size: 5, width: 0 },
    },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_, __, max) => [0, Math.max((max ?? 0) * 1.08, options.topMin)] },
    },
    axes: toAxes(options),
    series: [{}, ...options.series.map((series, index) => toSeries(options, series, index))],
    bands: options.stacked
      ? options.series.slice(1).map((_, index) => ({ series: [index + 2, index + 1] }))
      : [],
    hooks: {
      drawClear: [(plot) => shadeSpans(plot, data(), options)],
      setCursor: [(plot) => options.onHover(toHovered(plot))],
    },
  };
}

function toAxes({ colour, format }: PlotOptions): uPlot.Axis[] {
  const shared: uPlot.Axis = {
    font,
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--grid"), width: 1 },
    ticks: { show: false },
  };
  return [
    {
      ...shared,
      size: 24,
      gap: 6,
      space: 56,
      grid: { show: false },
      ticks: { show: true, stroke: () => colour("--grid"), width: 1, size: 4 },
      values: (_, splits) => splits.map((at) => formatTick(at, stepOf(splits))),
    },
    {
      ...shared,
      size: axisWidth,
      gap: 6,
      space: 34,
      values: (_, splits) => splits.map(format),
    },
  ];
}

/** The distance of the axis's ticks; a minute where there is one alone. */
function stepOf([first, second]: readonly number[]): number {
  return first === undefined || second === undefined ? 60_000 : second - first;
}

function toSeries(
  { colour, stacked, format }: PlotOptions,
  series: PlotSeries,
  index: number,
): uPlot.Series {
  return {
    label: series.label,
    width: stacked ? 1 : 1.5,
    stroke: () => colour(series.colour),
    // The lowest area of a stack reaches down to zero; the others are bands.
    ...(stacked && { fill: () => withAlpha(colour(series.colour), 0.32) }),
    value: (_, value) => format(value),
    points: {
      size: 4,
      show: false,
      filter: (plot) => isolatedRows(plot.data[index + 1] ?? []),
    },
  };
}

function shadeSpans(plot: uPlot, { spans, range }: PlotData, { colour }: PlotOptions): void {
  const { ctx, bbox } = plot;
  const bad = colour("--bad");
  ctx.save();
  for (const span of spans) {
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
