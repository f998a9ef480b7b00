import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Answers } from "../answers.ts";
import type { TopsReply } from "../api.ts";
import { formatBytes, formatNumber, formatRatio } from "../format.ts";
import { usePage } from "../page.ts";
import { type PastTotals, toPastTraffic } from "../past-traffic.ts";
import type { Missing } from "../missing.ts";
import { isCounting } from "../status.ts";
import type { TargetRow } from "../traffic.ts";
import { GroupPicker } from "./group-picker.tsx";
import { HeatChart } from "./heat-chart.tsx";
import { toIncidentSpans } from "./incident-spans.ts";
import { Figure, NothingRead, PanelHead, type PanelProps } from "./panel-head.tsx";
import { readMisread } from "./read-misread.ts";
import { Targets } from "./targets.tsx";
import {
  BytesChart,
  DurationsChart,
  ErrorsChart,
  RequestsChart,
  SlowChart,
} from "./traffic-charts.tsx";

/** An access log over a range: as while it is live, with room also how durations are spread. */
export function PastTrafficPanel({
  source,
  isAlone,
  answers,
}: PanelProps & { readonly answers: Answers }): JSX.Element {
  const { store } = usePage();
  const { id, everyMs } = source;
  const { range, group } = answers.view;
  const traffic = useMemo(() => toPastTraffic(answers, { id, everyMs }), [answers, id, everyMs]);
  const incidents = store.incidents.value;
  const shared = { range, spans: toIncidentSpans(incidents ?? [], id, range.to) };
  const { heatMap, tops, isComplete } = answers;
  // What is failing all the time counts nothing, and nobody knows what there was.
  const isKnown =
    isCounting(source, readMisread(store, source)) || (traffic.totals.requests ?? 0) > 0;
  const missingOf = (reply: object | undefined): Missing =>
    reply === undefined ? (isComplete ? "failed" : "loading") : undefined;
  return (
    <section class="panel" aria-label={id}>
      <PanelHead source={source}>
        {isAlone && <GroupPicker groups={traffic.groups} />}
        <TotalFigures totals={isKnown ? traffic.totals : unknownTotals} />
      </PanelHead>
      {!isKnown && <NothingRead />}
      {isKnown && (
        <div class="charts">
          <RequestsChart data={traffic.requests} {...shared} />
          <ErrorsChart data={traffic.errors} {...shared} />
          <DurationsChart data={traffic.durations} {...shared} />
          {isAlone && <HeatChart map={heatMap} missing={missingOf(heatMap)} range={range} />}
          <BytesChart data={traffic.bytes} {...shared} />
          {isAlone && <SlowChart data={traffic.slow} {...shared} />}
          {isAlone && (
            <Targets
              rows={toTargetRows(tops)}
              missing={missingOf(tops)}
              ofAllGroups={group !== undefined}
            />
          )}
        </div>
      )}
    </section>
  );
}

const unknownTotals: PastTotals = {
  requests: undefined,
  clientErrors: undefined,
  serverErrors: undefined,
  bytes: undefined,
  slow: undefined,
};

/** The whole range in figures, as far as they are known. */
function TotalFigures({ totals }: { readonly totals: PastTotals }): JSX.Element {
  const { requests, clientErrors, serverErrors, bytes = 0, slow = 0 } = totals;
  return (
    <dl class="figures">
      <Figure name="requests">
        {formatNumber(requests === undefined ? null : Math.round(requests))}
      </Figure>
      <Figure name="4xx">{formatRatio(toShare(clientErrors, requests))}</Figure>
      <Figure name="5xx">{formatRatio(toShare(serverErrors, requests))}</Figure>
      {bytes > 0 && <Figure name="sent">{formatBytes(bytes)}</Figure>}
      {slow > 0 && <Figure name="slow">{formatNumber(Math.round(slow))}</Figure>}
    </dl>
  );
}

function toShare(part: number | undefined, whole: number | undefined): number | null {
  if (part === undefined || whole === undefined) {
    return null;
  }
  return whole === 0 ? 0 : part / whole;
}

function toTargetRows(tops: TopsReply | undefined): TargetRow[] {
  const total = tops?.total || 1;
  const rows = tops?.entries.map(({ key, count }) => ({ key, count, ratio: count / total })) ?? [];
  const other = tops?.other ?? 0;
  return other > 0 ? [...rows, { key: "(other)", count: other, ratio: other / total }] : rows;
}
