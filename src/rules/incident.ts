import { createHash } from "node:crypto";
import type { Labels } from "../core/sample.ts";

/** Why an incident is over: its condition no longer held, or nobody can judge it any more. */
export type ClearReason = "recovered" | "rule_changed" | "rule_removed" | "source_removed";

/** One rule instance from firing to clear. Never changed in place; as JSON it is what the API answers. */
export interface Incident {
  /** The same in every replay of the same journal. */
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  readonly service: string;
  /** The labels that the rule judges by. */
  readonly labels: Labels;
  readonly metric: string;
  /** Event time, in milliseconds since the epoch: the end of the window, or the tick, that made it fire. */
  readonly openedAt: number;
  /** Never before `openedAt`. Absent while open. */
  readonly clearedAt?: number;
  readonly clearReason?: ClearReason;
  /** What was compared when it opened, in the metric's base unit, per second for a rate. */
  readonly value: number;
  /** The highest value so far for `above`, the lowest for `below`. */
  readonly worstValue: number;
  readonly lastValue: number;
  /** "above 30/s" */
  readonly condition: string;
  /** One line for people, as of its opening: "shop: 42 requests/s over 2m, above 30/s". */
  readonly summary: string;
  /** Opened on data older than live: recorded, but no notice is sent for it. */
  readonly backfill: boolean;
}

/** 16 hexadecimal digits. `key` is the instance within rule and source. */
export function incidentId(
  incident: Pick<Incident, "rule" | "source" | "openedAt">,
  key: string,
): string {
  const identity = JSON.stringify([incident.rule, incident.source, key, incident.openedAt]);
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

/** The incident after a further value; the same object when that changes nothing. */
export function withValue(incident: Incident, value: number, side: "above" | "below"): Incident {
  if (value === incident.lastValue) {
    return incident;
  }
  const worse = side === "above" ? Math.max : Math.min;
  return { ...incident, lastValue: value, worstValue: worse(incident.worstValue, value) };
}

export function clearIncident(incident: Incident, at: number, reason: ClearReason): Incident {
  return { ...incident, clearedAt: Math.max(at, incident.openedAt), clearReason: reason };
}

/** Newest first; the id settles ties, so that pages neither repeat nor skip. */
export function compareIncidents(a: Incident, b: Incident): number {
  return b.openedAt - a.openedAt || (a.id < b.id ? 1 : -1);
}
