import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { formatBytes, formatNumber, formatRatio } from "../format.ts";
import { listDurations, toLiveDurations, toLiveTraffic } from "../live-traffic.ts";
import { isIncomplete } from "../history.ts";
import { usePage } from "../page.ts";
import { isOverdue, toRate, type Window } from "../series.ts";
import { isCounting } from "../status.ts";
import { type Counts, rankGroups, rankTargets, sumRecent, ungrouped } from "../traffic.ts";
import { GroupPicker } from "./group-picker.tsx";
import { toIncidentSpans } from "./incident-spans.ts";
import { Figure, NothingRead, PanelHead, type PanelProps } from "./panel-head.tsx";
import { readMisread } from "./read-misread.ts";
import { Targets, targetsShown } from "./targets.tsx";
import {
  BytesChart,
  DurationsChart,
  ErrorsChart,
  RequestsChart,
  SlowChart,
} from "./traffic-charts.tsx";

/**
 * An access log, live: requests, errors, durations and the heaviest targets; with room also sizes
 * and slow requests.
 */
export function TrafficPanel({ source, isAlone }: PanelProps): JSX.Element {
  const { store, route } = usePage();
  const colours = useRef<ReadonlyMap<string, string>>(new Map());
  const { now, range } = store.frame.value;
  const { group } = route.value;
  const windows = store.windowsOf(source.id);
  const axis = { everyMs: source.everyMs, now };
  const traffic = toLiveTraffic(windows, axis, { group, colours: colours.current });
  colours.current = traffic.colours;
  const durations = useDurations(windows, axis, group);
  const shared = { range, spans: toIncidentSpans(store.incidents.value ?? [], source.id, now) };
  const last = windows.at(-1);
  const isCurrent = last !== undefined && !isOverdue(last, now, source.everyMs);
  const recent = isCurrent ? sumRecent(windows, group) : undefined;
  const isKnown = isCounting(source, readMisread(store, source));
  const hasRead = last !== undefined && (isKnown || rankGroups(windows).length > 0);
  return (
    <section class="panel" aria-label={source.id}>
      <PanelHead source={source}>
        {isAlone && <GroupPicker groups={rankGroups(windows)} />}
        {recent && (isKnown ? <RecentFigures recent={recent} /> : <UnknownFigures />)}
        {isIncomplete(windows) && (
          <span class="warn" title="Something that belongs into this time is known to be missing.">
            incomplete
          </span>
        )}
      </PanelHead>
      {last === undefined && <p class="muted">Nothing in the last 15 minutes.</p>}
      {last !== undefined && !hasRead && <NothingRead />}
      {hasRead && (
        <div class="charts">
          <RequestsChart data={traffic.requests} {...shared} />
          <ErrorsChart data={traffic.errors} {...shared} />
          <DurationsChart {...durations} {...shared} />
          {isAlone && <BytesChart data={traffic.bytes} {...shared} />}
          {isAlone && <SlowChart data={traffic.slow} {...shared} />}
          <Targets rows={rankTargets(windows, targetsShown)} ofAllGroups={group !== undefined} />
        </div>
      )}
    </section>
  );
}

/** The last seconds in figures. */
function RecentFigures({ recent }: { readonly recent: Counts & Window }): JSX.Element {
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

/** Nothing is counted now, which says nothing of the requests. */
function UnknownFigures(): JSX.Element {
  return (
    <dl class="figures">
      <Figure name="req/s">–</Figure>
      <Figure name="4xx">–</Figure>
      <Figure name="5xx">–</Figure>
    </dl>
  );
}

/** Durations of the group that the address names, or else of one that is picked here. */
function useDurations(
  windows: Parameters<typeof listDurations>[0],
  axis: Parameters<typeof toLiveDurations>[1],
  group: string | undefined,
): { readonly data: ReturnType<typeof toLiveDurations>; readonly controls?: JSX.Element } {
  const chosen = useSignal<string | undefined>(undefined);
  const choices = listDurations(windows);
  const wanted = group ?? chosen.value;
  const shown =
    choices.find((one) => one === wanted) ?? (group === undefined ? choices[0] : undefined);
  const data = toLiveDurations(windows, axis, shown);
  if (group !== undefined || choices.length <= 1) {
    return { data };
  }
  const controls = (
    <select
      aria-label="Durations of"
      value={shown}
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
  );
  return { data, controls };
}
