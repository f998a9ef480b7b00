import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { QueryReply, SourceStatus } from "../api.ts";
import { type Cell, formatCell } from "../balancer-cells.ts";
import type { BalancerRow } from "../balancer.ts";
import { toCellChart, toCellParams } from "../cell-query.ts";
import { Chart } from "../chart.tsx";
import type { Missing } from "../missing.ts";
import { usePage } from "../page.ts";
import { resolveRange } from "../ranges.ts";
import type { Window } from "../series.ts";
import { pause } from "../waiting.ts";
import { toIncidentSpans } from "./incident-spans.ts";

/** However often the source looks. */
const refreshMinMs = 5_000;

interface Loaded {
  readonly range: Window;
  readonly reply: QueryReply | undefined;
  readonly missing: Missing;
}

/** The history behind a cell, over the time that is looked at; while it is live, over what the page holds. */
export function CellChart({
  source,
  cell,
  row,
}: {
  readonly source: SourceStatus;
  readonly cell: Cell;
  readonly row: BalancerRow;
}): JSX.Element {
  const { store } = usePage();
  const { range, reply, missing } = useCourse(source, cell, row);
  const data = useMemo(
    () => reply && toCellChart(cell, reply, { everyMs: source.everyMs, until: range.to }),
    [reply],
  );
  const name = row.server === "" ? `${row.kind} ${row.proxy}` : `${row.proxy}/${row.server}`;
  const incidents = store.incidents.value ?? [];
  return (
    <Chart
      title={`${cell.title} of ${name}`}
      series={data?.series ?? []}
      columns={data?.columns ?? { x: [], y: [] }}
      range={range}
      spans={toIncidentSpans(incidents, source.id, range.to)}
      topMin={cell.name === "response" ? 0.001 : 1}
      format={(value) => formatCell(cell, value)}
      binary={cell.binary === true}
      missing={missing}
      empty="Nothing was measured in this time."
    />
  );
}

/** Asks again while the range ends now. */
function useCourse(source: SourceStatus, cell: Cell, row: BalancerRow): Loaded {
  const { store, session, route } = usePage();
  const loaded = useSignal<Loaded>({
    range: store.frame.peek().range,
    reply: undefined,
    missing: "loading",
  });
  const wanted = route.value.range;
  useEffect(() => {
    const stop = new AbortController();
    const follow = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const { now } = store.frame.peek();
        const range = resolveRange(wanted, now) ?? store.frame.peek().range;
        const params = toCellParams(source.id, cell, { row, range });
        try {
          const { body } = await session.api.query(params, stop.signal);
          loaded.value = { range, reply: body, missing: undefined };
        } catch {
          if (!stop.signal.aborted) {
            loaded.value = { ...loaded.peek(), missing: "failed" };
          }
        }
        if (wanted.kind === "fixed") {
          return;
        }
        await pause(Math.max(source.everyMs, refreshMinMs), stop.signal);
      }
    };
    void follow();
    return () => stop.abort();
  }, [source.id, cell.name, row.proxy, row.kind, row.server, JSON.stringify(wanted)]);
  return loaded.value;
}
