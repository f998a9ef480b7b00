import type { ComponentChildren, JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { formatAge } from "../format.ts";
import { toStatus } from "../status.ts";
import { Mark } from "./mark.tsx";
import { SourceLink } from "./source-link.tsx";

export interface PanelProps {
  readonly source: SourceStatus;
  /** Whether it has the page to itself. */
  readonly isAlone: boolean;
}

/** Which source, in which state, and its figures. */
export function PanelHead({
  source,
  children,
}: {
  readonly source: SourceStatus;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class="panel-head">
      <h2>
        <SourceLink id={source.id} />
      </h2>
      <Mark {...toStatus(source)} />
      <span class="muted">
        {source.kind}, every {formatAge(source.everyMs)}
      </span>
      {children}
    </header>
  );
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
