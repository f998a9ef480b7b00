import type { SourceStatus } from "./api.ts";
import type { PastRequest } from "./past.ts";
import type { Route } from "./route.ts";

/**
 * What a route asks of the history; undefined while it is live, or nothing is known of the sources.
 */
export function toPastRequest(
  { page, source, group, range, isCompared }: Route,
  sources: readonly SourceStatus[] | undefined,
): PastRequest | undefined {
  const shown = sources?.filter(({ id }) => source === undefined || id === source) ?? [];
  if (page !== "sources" || range.kind === "live" || shown.length === 0) {
    return undefined;
  }
  return {
    source,
    group,
    range,
    isCompared,
    hasLogs: shown.some(({ kind }) => kind === "access-log"),
    hasBalancers: shown.some(({ kind }) => kind === "haproxy"),
    hasChecks: shown.some(({ check }) => check !== null),
  };
}
