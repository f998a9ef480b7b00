import { toDistributionJson } from "../../core/batch-json.ts";
import { toInstant } from "../../core/batch-json.ts";
import { toQuantileName } from "../../access-log/report/report.ts";
import type { Observation } from "../../core/component.ts";
import { type GroupTally, Tally, classOf, requestsOf } from "./tally.ts";

/** Of each list. */
const entriesMax = 10;

/** One window of one log as plain data; instants are ISO 8601 in UTC, durations seconds, sizes bytes. */
export function toWindowJson(
  log: string,
  observation: Observation,
  quantiles: readonly number[],
): Readonly<Record<string, unknown>> {
  const { from, to, partial, events = [] } = observation;
  const tally = new Tally();
  tally.add(observation);
  return {
    log,
    from: toInstant(from),
    to: toInstant(to),
    ...(partial === true && { partial: true }),
    ...toNumbers(tally.total(), quantiles),
    rate: (requestsOf(tally.total()) * 1000) / (to - from),
    clients: tally.clients?.count ?? 0,
    lines: Object.fromEntries(tally.lines),
    groups: Object.fromEntries(
      Array.from(tally.groups, ([name, group]) => [name, toNumbers(group, quantiles)]),
    ),
    tops: Object.fromEntries(
      Array.from(tally.tops, ([metric, top]) => [metric, top.entries(entriesMax)]),
    ),
    events: events.map(({ at, name, text }) => ({ at: toInstant(at), name, text })),
  };
}

function toNumbers(
  group: GroupTally,
  quantiles: readonly number[],
): Readonly<Record<string, unknown>> {
  const { statuses, bytes, slow, durations } = group;
  return {
    requests: requestsOf(group),
    failed: classOf(group, "5"),
    refused: classOf(group, "4"),
    status: Object.fromEntries(statuses),
    bytes,
    slow,
    duration: durations && {
      ...toDistributionJson(durations),
      ...Object.fromEntries(
        quantiles.map((share) => [toQuantileName(share), durations.quantile(share)]),
      ),
    },
  };
}
