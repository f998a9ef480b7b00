import type { JSX } from "preact";
import type { Incident } from "../api.ts";
import { formatLabels } from "../format.ts";
import { isOpen } from "../incidents.ts";
import { formatMeasured } from "../measure.ts";
import { Ago, Lasted } from "./ago.tsx";
import { Shape } from "./mark.tsx";
import { SourceLink } from "./source-link.tsx";

/** Cleared incidents that are shown without asking. */
const clearedShown = 5;

/** What is wrong now, and below it what was. */
export function IncidentList({
  incidents,
}: {
  readonly incidents: readonly Incident[] | undefined;
}): JSX.Element {
  const open = incidents?.filter(isOpen) ?? [];
  const cleared = incidents?.filter((incident) => !isOpen(incident)) ?? [];
  return (
    <section class="incidents" aria-labelledby="incidents-heading">
      <h2 id="incidents-heading">
        {open.length === 0 ? "Incidents" : `${open.length} open ${plural(open.length)}`}
      </h2>
      {incidents === undefined && <p class="muted">Loading…</p>}
      {incidents !== undefined && open.length === 0 && (
        <p class="all-clear">
          <Shape tone="good" /> No open incidents
        </p>
      )}
      {open.length > 0 && (
        <ol class="open-incidents">
          {open.map((incident) => (
            <OpenIncident key={incident.id} incident={incident} />
          ))}
        </ol>
      )}
      {cleared.length > 0 && <Cleared incidents={cleared} />}
    </section>
  );
}

function plural(count: number): string {
  return count === 1 ? "incident" : "incidents";
}

function OpenIncident({ incident }: { readonly incident: Incident }): JSX.Element {
  return (
    <li class="incident">
      <p class="incident-name">
        <Shape tone="bad" />
        <b>{incident.rule}</b>
        <SourceLink id={incident.source} />
        <Labels of={incident} />
      </p>
      <p class="incident-what">{incident.summary}</p>
      <p class="incident-age">
        open <Ago at={incident.openedAt} />
      </p>
      <p class="incident-value">
        <b>{formatMeasured(incident, incident.last)}</b> <span class="muted">now</span>
        {incident.worst !== incident.last && (
          <>
            , <b>{formatMeasured(incident, incident.worst)}</b> <span class="muted">at worst</span>
          </>
        )}
      </p>
    </li>
  );
}

function Labels({ of }: { readonly of: Incident }): JSX.Element | null {
  const text = formatLabels(of.labels);
  return text === "" ? null : <code class="labels">{text}</code>;
}

function Cleared({ incidents }: { readonly incidents: readonly Incident[] }): JSX.Element {
  const more = incidents.slice(clearedShown);
  return (
    <div class="cleared">
      <h3>Recently cleared</h3>
      <ClearedRows incidents={incidents.slice(0, clearedShown)} />
      {more.length > 0 && (
        <details>
          <summary>{more.length} more</summary>
          <ClearedRows incidents={more} />
        </details>
      )}
    </div>
  );
}

/** Why it is over, where that is not what one expects. */
const reasons: Readonly<Record<NonNullable<Incident["clearReason"]>, string>> = {
  recovered: "",
  rule_changed: ", its rule was changed",
  rule_removed: ", its rule was removed",
  source_removed: ", its source was removed",
};

function ClearedRows({ incidents }: { readonly incidents: readonly Incident[] }): JSX.Element {
  return (
    <ol class="cleared-incidents">
      {incidents.map((incident) => (
        <li key={incident.id}>
          <p class="incident-name">
            <b>{incident.rule}</b>
            <SourceLink id={incident.source} />
            <Labels of={incident} />
          </p>
          <p class="incident-what muted">
            {incident.summary}
            {incident.worst !== incident.value && (
              <> ({formatMeasured(incident, incident.worst)} at worst)</>
            )}
          </p>
          {incident.clearedAt && (
            <p class="incident-age">
              <Ago at={incident.clearedAt} short /> ago
              <span class="muted">
                , lasted <Lasted from={incident.openedAt} to={incident.clearedAt} />
                {reasons[incident.clearReason ?? "recovered"]}
              </span>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
