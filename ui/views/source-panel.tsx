import type { JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import type { PanelProps } from "./panel-head.tsx";
import { ProbePanel } from "./probe-panel.tsx";
import { TrafficPanel } from "./traffic-panel.tsx";

/** The last 15 minutes of one source, as its kind is best shown; nothing for a kind without a panel. */
export function SourcePanel(props: PanelProps): JSX.Element | null {
  if (props.source.kind === "access-log") {
    return <TrafficPanel {...props} />;
  }
  return props.source.check === null ? null : <ProbePanel {...props} />;
}

/** Whether SourcePanel has something to show for it. */
export function hasPanel({ kind, check }: SourceStatus): boolean {
  return kind === "access-log" || check !== null;
}
