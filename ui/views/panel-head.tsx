import type { ComponentChildren, JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { formatAge } from "../format.ts";
import { usePage } from "../page.ts";
import { toNote, toStatus } from "../status.ts";
import { Mark } from "./mark.tsx";
import { readMisread } from "./read-misread.ts";
import { SourceLink } from "./source-link.tsx";

export interface PanelProps {
  readonly source: SourceStatus;
  /** Whether it has the page to itself. */
  readonly isAlone: boolean;
}

/** Which source, in which state and why, what it watches, and its figures. */
export function PanelHead({
  source,
  children,
}: {
  readonly source: SourceStatus;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const misread = readMisread(usePage().store, source);
  const status = toStatus(source, misread);
  const note = toNote(source, misread);
  return (
    <header class="panel-head">
      <h2>
        <SourceLink id={source.id} />
      </h2>
      <Mark {...status} />
      <span class="muted">
        {source.kind}, every {formatAge(source.everyMs)}
      </span>
      {source.target && <span class="muted panel-target">{source.target}</span>}
      {children}
      {note !== undefined && <p class={`panel-note ${status.tone}`}>{note}</p>}
    </header>
  );
}

/** Instead of charts that would show zeros: nobody knows what there was. */
export function NothingRead(): JSX.Element {
  return <p class="muted">Nothing could be read in this time, so there is nothing to draw.</p>;
}

/** A figure of the heading, with its name. */
export function Figure({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
