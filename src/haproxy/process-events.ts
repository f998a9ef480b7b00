import type { Event } from "../core/sample.ts";
import { toDurationText } from "../core/units.ts";
import type { CountedPoll } from "./count-since.ts";
import type { Position } from "./position.ts";

/** What became of the processes themselves since the last answer. */
export function findProcessEvents(
  before: Position | undefined,
  { dumps, hasLostWorker }: CountedPoll,
  at: number,
): Event[] {
  const [current] = dumps;
  if (before === undefined || current === undefined) {
    return [];
  }
  const event = (name: string, text: string): Event => ({ at, name, labels: {}, text });
  if (before.workers.length === 0) {
    return [event("haproxy_up", "HAProxy answers.")];
  }
  if (current.before !== undefined) {
    const isStopping = current.process?.isStopping === true;
    const wasStopping = current.before.process?.isStopping === true;
    return [
      ...(isStopping && !wasStopping
        ? [event("haproxy_stopping", "HAProxy is stopping: it takes no new connections.")]
        : []),
      ...(current.hasReset
        ? [event("haproxy_counters_cleared", "Counters of HAProxy began again at zero.")]
        : []),
      ...(before.isUp ? [] : [event("haproxy_up", "HAProxy answers again.")]),
    ];
  }
  const [old, now] = [before.workers[0]?.process, current.process];
  const who = now === undefined ? "Another process of HAProxy" : `HAProxy's process ${now.pid}`;
  if (current.isStranger) {
    const age = now === undefined ? "" : `, which is ${toDurationText(now.uptimeS * 1000)} old,`;
    const text = `${who}${age} answers instead of the one before; what it did earlier is not counted. Does the address lead to several?`;
    return [event("haproxy_other_process", text)];
  }
  const change =
    old?.version !== undefined && now?.version !== undefined && old.version !== now.version
      ? `; it runs ${now.version} instead of ${old.version}`
      : "";
  const from = old === undefined ? "" : ` from process ${old.pid}`;
  const text = `HAProxy was reloaded or started again: ${who.replace("HAProxy's ", "")} has taken over${from}${change}.`;
  const lost = hasLostWorker ? " What the old one did at the end is not counted." : "";
  return [event("haproxy_reloaded", `${text}${lost}`)];
}
