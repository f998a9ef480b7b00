import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Chart } from "../chart.tsx";
import { formatBytes, formatNumber, formatRatio, formatSeconds } from "../format.ts";
import { showGroups } from "../groups.ts";
import type { PageWindow } from "../history.ts";
import { usePage } from "../page.ts";
import { isOverdue, toColumns, toRate, toRateColumns, type Window } from "../series.ts";
import {
  rankGroups,
  type RecentTraffic,
  sumRecent,
  toRequestColumns,
  ungrouped,
} from "../traffic.ts";
import { type IncidentSpan, spansFor } from "./incident-spans.ts";
import { Figure, PanelHead, type PanelProps } from "./panel-head.tsx";
import { Targets } from "./targets.tsx";

interface ChartInput {
  readonly windows: readonly PageWindow[];
  readonly axis: { readonly everyMs: number; readonly now: number };
  readonly range: Window;
  readonly spans: readonly IncidentSpan[];
}

/** An access log: requests, errors, durations and the heaviest targets. */
export function TrafficPanel({ source, spans }: PanelProps): JSX.Element {
  const { store } = usePage();
  const { now, range } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const input = { windows, axis: { everyMs: source.everyMs, now }, range, spans };
  const last = windows.at(-1);
  const isCurrent = last !== undefined && !isOverdue(last, now, source.everyMs);
  const recent = isCurrent ? sumRecent(windows) : undefined;
  return (
    <section class="panel" aria-label={source.id}>
      <PanelHead source={source}>
        {recent && <Figures recent={recent} />}
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

/** The last seconds in figures. */
function Figures({ recent }: { readonly recent: RecentTraffic }): JSX.Element {
  const { requests, clientErrors, serverErrors, bytes, slow } = recent;
  return (
    <dl class="figures">
      <Figure name="req/s">{formatNumber(toRate(requests, recent))}</Figure>
      <Figure name="4xx">{formatRatio(requests === 0 ? 0 : clientErrors / requests)}</Figure>
      <Figure name="5xx">{formatRatio(requests === 0 ? 0 : serverErrors / requests)}</Figure>
      {bytes > 0 && <Figure name="sent/s">{formatBytes(toRate(bytes, recent))}</Figure>}
      {slow > 0 && <Figure name="slow">{formatNumber(slow)}</Figure>}
    </dl>
  );
}

/** One area per group. */
function RequestsChart({ windows, axis, range, spans }: ChartInput): JSX.Element {
  const colours = useRef<ReadonlyMap<string, string>>(new Map());
  const groups = showGroups(rankGroups(windows), colours.current);
  colours.current = groups.colours;
  const { series, rest } = groups;
  const shown = series.map(({ group }) => group);
  return (
    <Chart
      title="Requests per second"
      series={rest === undefined ? series : [...series, rest]}
      columns={toRequestColumns(windows, axis, { shown, others: rest !== undefined })}
      range={range}
      spans={spansFor(spans, "http_requests_total")}
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

function ErrorsChart({ windows, axis, range, spans }: ChartInput): JSX.Element {
  const columns = toRateColumns(windows, {
    ...axis,
    read: [({ traffic }) => traffic.serverErrors, ({ traffic }) => traffic.clientErrors],
  });
  return (
    <Chart
      title="Errors per second"
      series={errorSeries}
      columns={columns}
      range={range}
      spans={spansFor(spans, "http_requests_total")}
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
function DurationsChart({ windows, axis, range, spans }: ChartInput): JSX.Element {
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
      range={range}
      spans={spansFor(spans, "http_request_duration_seconds")}
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
