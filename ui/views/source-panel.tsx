import type { JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { usePage } from "../page.ts";
import { BalancerPanel, PastBalancerPanel } from "./balancer-panel.tsx";
import { PanelHead, type PanelProps } from "./panel-head.tsx";
import { PastProbePanel } from "./past-probe-panel.tsx";
import { PastTrafficPanel } from "./past-traffic-panel.tsx";
import { ProbePanel } from "./probe-panel.tsx";
import { TrafficPanel } from "./traffic-panel.tsx";

/**
 * One source over the time that is looked at, as its kind is best shown; nothing for a kind without
 * a panel.
 */
export function SourcePanel(props: PanelProps): JSX.Element | null {
  const { route, past } = usePage();
  const { kind } = props.source;
  if (!hasPanel(props.source)) {
    return null;
  }
  if (route.value.range.kind === "live") {
    return <LivePanel {...props} />;
  }
  const answers = past.answers.value;
  if (answers === undefined) {
    return <LoadingPanel {...props} />;
  }
  const shown = { ...props, answers };
  switch (kind) {
    case "access-log":
      return <PastTrafficPanel {...shown} />;
    case "haproxy":
      return <PastBalancerPanel {...shown} />;
    default:
      return <PastProbePanel {...shown} />;
  }
}

function LivePanel(props: PanelProps): JSX.Element {
  switch (props.source.kind) {
    case "access-log":
      return <TrafficPanel {...props} />;
    case "haproxy":
      return <BalancerPanel {...props} />;
    default:
      return <ProbePanel {...props} />;
  }
}

function LoadingPanel({ source }: PanelProps): JSX.Element {
  return (
    <section class={source.check === null ? "panel" : "panel probe"} aria-label={source.id}>
      <PanelHead source={source} />
      <p class="muted loading">Loading…</p>
    </section>
  );
}

/** Whether SourcePanel has something to show for it. */
export function hasPanel({ kind, check }: SourceStatus): boolean {
  return kind === "access-log" || kind === "haproxy" || check !== null;
}
