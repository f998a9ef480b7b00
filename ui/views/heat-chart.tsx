import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { HeatMapReply } from "../api.ts";
import { formatAge, formatAt, formatCount, formatSeconds } from "../format.ts";
import type { HeatCell } from "../heat-map.ts";
import { createHeatPlot, type HeatPlot } from "../heat-plot.ts";
import { usePage } from "../page.ts";
import { type Missing, toMissingText } from "../missing.ts";
import type { Window } from "../series.ts";
import { useZoom } from "../zoom.ts";

/**
 * How durations are spread: two ways of being slow are two bands, where a percentile is one line
 * between them.
 */
export function HeatChart({
  map,
  missing,
  range,
}: {
  readonly map: HeatMapReply | undefined;
  readonly missing: Missing;
  readonly range: Window;
}): JSX.Element {
  const { appearance } = usePage();
  const mount = useRef<HTMLDivElement>(null);
  const plot = useRef<HeatPlot>(null);
  const hovered = useSignal<HeatCell | undefined>(undefined);
  const onSelect = useZoom();

  const isEmpty = map === undefined || map.columns.length === 0;

  useEffect(() => {
    if (mount.current === null) {
      return;
    }
    const made = createHeatPlot(mount.current, {
      format: formatSeconds,
      colour: (property) => appearance.colour(property),
      onHover(cell) {
        hovered.value = cell;
      },
      onSelect,
    });
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [isEmpty]);
  useEffect(() => {
    if (map !== undefined) {
      plot.current?.update(map, range);
    }
  }, [map, range]);
  useEffect(() => appearance.version.subscribe(() => plot.current?.recolour()), []);

  return (
    <figure class="chart heat">
      <figcaption>
        <h3>How durations are spread</h3>
        <span class="chart-time">
          {hovered.value !== undefined && toCellText(hovered.value, range)}
          {hovered.value === undefined && map && `each column ${formatAge(map.stepMs)}`}
        </span>
      </figcaption>
      {isEmpty ? (
        <p class="plot muted">
          {toMissingText(missing, "No durations were measured in this time.")}
        </p>
      ) : (
        <div class="plot" ref={mount} role="img" aria-label="Durations as a heat map" />
      )}
    </figure>
  );
}

/** "16:04:10: 37 requests took 120 ms to 134 ms" */
function toCellText({ at, from, to, count }: HeatCell, range: Window): string {
  const requests = `${formatCount(count)} ${count === 1 ? "request" : "requests"}`;
  return `${formatAt(at, range)}: ${requests} took ${formatSeconds(from)} to ${formatSeconds(to)}`;
}
