import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatAt } from "./format.ts";
import { toMissingText } from "./missing.ts";
import { usePage } from "./page.ts";
import { useZoom } from "./zoom.ts";
import { type ChartData, createPlot, type Plot } from "./plot.ts";
import { nearestRow, stack, type Window } from "./series.ts";

export interface ChartProps extends ChartData {
  readonly title: string;
  /** The ends of the time axis. */
  readonly range: Window;
  /** Shaded times: incidents. */
  readonly spans: readonly Window[];
  readonly stacked?: boolean;
  /** The top of the scale while all values are below it. */
  readonly topMin: number;
  readonly format: (value: number | null) => string;
  /** Whether round numbers are powers of two, as of bytes. */
  readonly binary?: boolean;
  /** Said instead of a chart without series. */
  readonly empty?: string;
  /** Beside the title: a choice of what is shown. */
  readonly controls?: ComponentChildren;
  /** Between legend and chart, in line with the time axis. */
  readonly strip?: ComponentChildren;
}

/** A chart over time, with its legend: values under the cursor, or else the latest. */
export function Chart(props: ChartProps): JSX.Element {
  const { title, columns, format, series, range } = props;
  const hovered = useSignal<number | null>(null);
  const at = hovered.value;
  const row = at === null ? columns.x.length - 1 : nearestRow(columns.x, at);
  const values = series.map((_, index) => format(columns.y[index]?.[row ?? -1] ?? null));
  const mount = usePlot(props, (instant) => {
    hovered.value = instant;
  });
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        {props.controls}
        <span class="chart-time">{at === null ? "" : formatAt(at, range)}</span>
      </figcaption>
      <ul class="legend">
        {series.map(({ label, colour, isDashed }, index) => (
          <li key={label}>
            <i
              class={isDashed === true ? "swatch dashed" : "swatch"}
              style={{ color: `var(${colour})` }}
            />
            <span class="legend-label">{label}</span>
            <b>{values[index]}</b>
          </li>
        ))}
      </ul>
      {props.strip}
      {series.length === 0 ? (
        <p class="plot muted">{toMissingText(props.missing, props.empty)}</p>
      ) : (
        <div class="plot" ref={mount} role="img" aria-label={title} />
      )}
    </figure>
  );
}

/**
 * Keeps a plot in the element of the returned ref: made anew when its series change, else fed with
 * the new data.
 */
function usePlot(
  { series, columns, range, spans, stacked = false, topMin, format, binary = false }: ChartProps,
  onHover: (at: number | null) => void,
): { current: HTMLDivElement | null } {
  const { appearance } = usePage();
  const zoom = useZoom();
  const mount = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(null);
  const shape = series.map((one) => Object.values(one).join("\n")).join("\n");

  const spansKey = spans.map(({ from, to }) => `${from} ${to}`).join();

  useEffect(() => {
    if (mount.current === null) {
      return;
    }
    const colour = (property: string): string => appearance.colour(property);
    const options = { series, stacked, topMin, format, binary, colour, onHover, onSelect: zoom };
    const made = createPlot(mount.current, options);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [shape, stacked]);

  useEffect(() => {
    const lines = series.filter(({ isDashed }) => isDashed !== true).length;
    const shown = stacked ? stack(columns, lines) : columns;
    plot.current?.update({ columns: shown, spans, range });
  }, [shape, stacked, columns, range, spansKey]);

  useEffect(() => appearance.version.subscribe(() => plot.current?.recolour()), []);
  return mount;
}
