import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Answers } from "../answers.ts";
import { rowsMax } from "../balancer.ts";
import { isIncomplete } from "../history.ts";
import { usePage } from "../page.ts";
import { toPastBalancer } from "../past-balancer.ts";
import { isOverdue } from "../series.ts";
import { BalancerTable } from "./balancer-table.tsx";
import { EventList } from "./event-list.tsx";
import { NothingRead, PanelHead, type PanelProps } from "./panel-head.tsx";

/** A HAProxy, live: its proxies and servers as of the last poll, and what happened to them. */
export function BalancerPanel({ source, isAlone }: PanelProps): JSX.Element {
  const { store } = usePage();
  const { now, range } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const last = windows.at(-1);
  const isCurrent = last !== undefined && !isOverdue(last, now, source.everyMs);
  const rows = last?.balancer.rows;
  return (
    <section class="panel" aria-label={source.id}>
      <PanelHead source={source}>
        {isIncomplete(windows) && (
          <span class="warn" title="Something that belongs into this time is known to be missing.">
            incomplete
          </span>
        )}
      </PanelHead>
      {last === undefined && <p class="muted">Nothing in the last 15 minutes.</p>}
      {last !== undefined && (!isCurrent || rows?.size === 0) && <NothingRead />}
      {isCurrent && rows !== undefined && rows.size > 0 && (
        <BalancerTable
          source={source}
          rows={rows.values()}
          window={last}
          sessionsOf={(key) => windows.map(({ balancer }) => balancer.sessions.get(key) ?? null)}
          isDetailed={isAlone}
        />
      )}
      <RowsLeftOut count={rows?.size ?? 0} />
      <EventList events={windows.flatMap(({ balancer }) => balancer.events)} range={range} />
    </section>
  );
}

/** A HAProxy over a range: what its polls said on average. */
export function PastBalancerPanel({
  source,
  isAlone,
  answers,
}: PanelProps & { readonly answers: Answers }): JSX.Element {
  const past = useMemo(() => toPastBalancer(answers, source.id), [answers, source.id]);
  return (
    <section class="panel" aria-label={source.id}>
      <PanelHead source={source}>
        <span class="muted">averages over the time that is shown</span>
      </PanelHead>
      {past.rows.size === 0 ? (
        <p class="muted">
          {answers.isComplete ? "Nothing was measured in this time." : "Loading…"}
        </p>
      ) : (
        <BalancerTable
          source={source}
          rows={past.rows.values()}
          window={past.window}
          sessionsOf={(key) => past.sessions.get(key) ?? []}
          upRatios={past.upRatios}
          isDetailed={isAlone}
        />
      )}
      <RowsLeftOut count={past.rows.size} />
    </section>
  );
}

function RowsLeftOut({ count }: { readonly count: number }): JSX.Element | null {
  return count < rowsMax ? null : (
    <p class="warn">
      Only the first {rowsMax} rows are shown; name what matters with <code>include</code> in
      watchpost.yml.
    </p>
  );
}
