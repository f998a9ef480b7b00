import type { JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { formatAge, formatCount, formatInstant, formatNumber, formatSeconds } from "../format.ts";
import { toRequestRate } from "../balancer.ts";
import type { PageWindow } from "../history.ts";
import { usePage } from "../page.ts";
import { isOverdue, toRate } from "../series.ts";
import {
  countLines,
  groupByService,
  isCounting,
  isLate,
  isLoss,
  toNote,
  toStatus,
} from "../status.ts";
import { sumRecent } from "../traffic.ts";
import { Mark } from "./mark.tsx";
import { readMisread } from "./read-misread.ts";
import { SourceLink } from "./source-link.tsx";

/** Every source in a line: does it work, what does it see now, when did it last report. */
export function SourceList({
  sources,
}: {
  readonly sources: readonly SourceStatus[] | undefined;
}): JSX.Element {
  const groups = groupByService(sources ?? []);
  return (
    <section class="sources" aria-labelledby="sources-heading">
      <h2 id="sources-heading">Sources</h2>
      {sources === undefined && <p class="muted">Loading…</p>}
      {sources?.length === 0 && (
        <p class="muted">
          No sources yet. Add one under <code>sources</code> in watchpost.yml.
        </p>
      )}
      {groups.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Source</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Now
              </th>
              <th scope="col" class="number">
                Last batch
              </th>
              <th scope="col" class="lines-column">
                Lines
              </th>
            </tr>
          </thead>
          {groups.map(({ service, sources: members }) => (
            <tbody key={service}>
              {groups.length > 1 && (
                <tr class="service">
                  <th scope="rowgroup" colSpan={5}>
                    {service || "No service"}
                  </th>
                </tr>
              )}
              {members.map((source) => (
                <SourceRow key={source.id} source={source} />
              ))}
            </tbody>
          ))}
        </table>
      )}
    </section>
  );
}

function SourceRow({ source }: { readonly source: SourceStatus }): JSX.Element {
  const { store } = usePage();
  const { now } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const last = windows.at(-1);
  const misread = readMisread(store, source);
  const status = toStatus(source, misread);
  const note = toNote(source, misread);
  return (
    <>
      <tr>
        <th scope="row">
          <SourceLink id={source.id} />
          <span class="muted kind"> {source.kind}</span>
        </th>
        <td title={`since ${formatInstant(Date.parse(source.stateSince))}`}>
          <Mark {...status} />
        </td>
        <td class="number">
          {last && isCounting(source, misread) && !isOverdue(last, now, source.everyMs) ? (
            toNow(last, windows)
          ) : (
            <span class="muted">–</span>
          )}
        </td>
        <td class="number">
          <LastBatch source={source} seenAt={last?.to} />
        </td>
        <td class="lines-column">
          <Lines source={source} />
        </td>
      </tr>
      <tr class="below lines-below">
        <td colSpan={5}>
          <Lines source={source} />
        </td>
      </tr>
      {note !== undefined && (
        <tr class="below">
          <td colSpan={5}>
            <span class={status.tone}>{note}</span>
          </td>
        </tr>
      )}
    </>
  );
}

/** The latest in a figure: requests a second, or the time a check took. */
function toNow(last: PageWindow, windows: readonly PageWindow[]): string {
  if (last.probe.outcome !== null) {
    const { phases } = last.probe;
    const total = phases.get("total") ?? [...phases.values()].reduce((sum, one) => sum + one, 0);
    return phases.size === 0 ? "–" : formatSeconds(total);
  }
  if (last.balancer.rows.size > 0) {
    return `${formatNumber(toRequestRate(last.balancer, last))} req/s`;
  }
  const recent = sumRecent(windows);
  return recent === undefined ? "–" : `${formatNumber(toRate(recent.requests, recent))} req/s`;
}

function LastBatch({
  source,
  seenAt,
}: {
  readonly source: SourceStatus;
  readonly seenAt: number | undefined;
}): JSX.Element {
  const { now } = usePage().store.frame.value;
  const reported = source.lastBatchAt === null ? undefined : Date.parse(source.lastBatchAt);
  const at = Math.max(seenAt ?? 0, reported ?? 0);
  if (at === 0 || now === 0) {
    return <span class="muted">never</span>;
  }
  return (
    <time
      class={isLate(now - at, source.everyMs) ? "warn" : ""}
      dateTime={new Date(at).toISOString()}
      title={`${formatInstant(at)}, every ${formatAge(source.everyMs)}`}
    >
      {formatAge(now - at)}
    </time>
  );
}

function Lines({ source }: { readonly source: SourceStatus }): JSX.Element {
  return (
    <ul class="outcomes">
      {countLines(source.totals).map((one) => (
        <li key={one.outcome} class={isLoss(one) ? "warn" : ""}>
          {formatCount(one.count)} <span class="muted">{one.outcome.replaceAll("_", " ")}</span>
        </li>
      ))}
    </ul>
  );
}
