import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Chart } from "../chart.tsx";
import { assignColours, coloursMax, quietColour } from "../colours.ts";
import { formatBytes, formatNumber, formatRatio, formatSeconds } from "../format.ts";
import type { PageWindow } from "../history.ts";
import { usePage } from "../page.ts";
import { isOverdue, toColumns, toRate, toRateColumns, type Window } from "../series.ts";
import { otherGroups, rankGroups, toRequestColumns, totalRequests, ungrouped } from "../traffic.ts";
import { Figure, PanelHead, type PanelProps } from "./panel-head.tsx";
import { Targets } from "./targets.tsx";

interface ChartInput {
  readonly windows: readonly PageWindow[];
  readonly axis: { readonly everyMs: number; readonly now: number };
  readonly spans: readonly Window[];
}

/** An access log: requests, errors, durations and the heaviest targets. */
export function TrafficPanel({ source, spans }: PanelProps): JSX.Element {
  const { store } = usePage();
  const { now } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const input = { windows, axis: { everyMs: source.everyMs, now }, spans };
  const last = windows.at(-1);
  const current = last && !isOverdue(last, now, source.everyMs) ? last : undefined;
  return (
    <section class="panel" aria-label={source.id}>
      <PanelHead source={source}>
        <Figures window={current} />
        {windows.some(({ partial }) => partial) && (
          <span
            class="warn"
            title="Something that belongs into these 15 minutes is known to be missing."
          >
            incomplete
          </span>
        )}
      </PanelHead>
      {last === undefined ? (
        <p class="muted">Nothing in the last 15 minutes.</p>
      ) : (
        <div class="charts">
          <RequestsChart {...input} />
          <ErrorsChart {...input} />
          <DurationsChart {...input} />
          <Targets windows={windows} />
        </div>
      )}
    </section>
  );
}

/** The last window in figures. */
function Figures({ window }: { readonly window: PageWindow | undefined }): JSX.Element | null {
  if (window === undefined) {
    return null;
  }
  const { traffic } = window;
  const requests = totalRequests(traffic);
  return (
    <dl class="figures">
      <Figure name="req/s">{formatNumber(toRate(requests, window))}</Figure>
      <Figure name="4xx">
        {formatRatio(requests === 0 ? 0 : traffic.clientErrors / requests)}
      </Figure>
      <Figure name="5xx">
        {formatRatio(requests === 0 ? 0 : traffic.serverErrors / requests)}
      </Figure>
      {traffic.bytes > 0 && (
        <Figure name="sent/s">{formatBytes(toRate(traffic.bytes, window))}</Figure>
      )}
      {traffic.clients !== null && <Figure name="clients">{formatNumber(traffic.clients)}</Figure>}
      {traffic.slow > 0 && <Figure name="slow">{formatNumber(traffic.slow)}</Figure>}
    </dl>
  );
}

/** One area per group, the busiest at the bottom. */
function RequestsChart({ windows, axis, spans }: ChartInput): JSX.Element {
  const colours = useRef<ReadonlyMap<string, string>>(new Map());
  const ranked = rankGroups(windows);
  const named = ranked.filter((group) => group !== ungrouped && group !== otherGroups);
  const shown = named.slice(0, coloursMax);
  colours.current = assignColours(colours.current, shown);
  // By name: an order that follows the numbers would reshuffle the areas all the time.
  const ordered = shown.toSorted();
  const others = ranked.length > shown.length;
  const series = ordered.map((label) => ({
    label,
    colour: colours.current.get(label) ?? quietColour,
  }));
  const rest = { label: shown.length === 0 ? "all" : "other", colour: quietColour };
  return (
    <Chart
      title="Requests per second"
      series={others ? [...series, rest] : series}
      columns={toRequestColumns(windows, axis, { shown: ordered, others })}
      spans={spans}
      stacked
      topMin={1}
      format={formatNumber}
    />
  );
}

/** Server errors at the bottom, where they can be compared. */
const errorSeries = [
  { label: "5xx", colour: "--server-errors" },
  { label: "4xx", colour: "--client-errors" },
];

function ErrorsChart({ windows, axis, spans }: ChartInput): JSX.Element {
  const columns = toRateColumns(windows, {
    ...axis,
    read: [({ traffic }) => traffic.serverErrors, ({ traffic }) => traffic.clientErrors],
  });
  return (
    <Chart
      title="Errors per second"
      series={errorSeries}
      columns={columns}
      spans={spans}
      stacked
      topMin={0.5}
      format={formatNumber}
    />
  );
}

const quantileSeries = [
  { label: "p99", colour: "--p99" },
  { label: "p90", colour: "--p90" },
  { label: "p50", colour: "--p50" },
];

/** Percentiles of groups cannot be merged afterwards: they are those of the source as a whole, or of one group. */
function DurationsChart({ windows, axis, spans }: ChartInput): JSX.Element {
  const chosen = useSignal<string | undefined>(undefined);
  const ranked = rankGroups(windows, "durations");
  const choices = ranked.includes(ungrouped)
    ? [ungrouped, ...ranked.filter((group) => group !== ungrouped)]
    : ranked;
  const group = choices.find((one) => one === chosen.value) ?? choices[0];
  const columns = toColumns(windows, {
    ...axis,
    read: (["p99", "p90", "p50"] as const).map(
      (quantile) => (window: PageWindow) =>
        window.traffic.durations.get(group ?? ungrouped)?.[quantile] ?? null,
    ),
  });
  return (
    <Chart
      title="Duration"
      series={group === undefined ? [] : quantileSeries}
      columns={columns}
      spans={spans}
      topMin={0.001}
      format={formatSeconds}
      empty="The format of this log carries no durations."
      controls={
        choices.length > 1 && (
          <select
            aria-label="Durations of"
            value={group}
            onChange={(event) => {
              chosen.value = event.currentTarget.value;
            }}
          >
            {choices.map((one) => (
              <option key={one} value={one}>
                {one === ungrouped ? "all requests" : one}
              </option>
            ))}
          </select>
        )
      }
    />
  );
}
