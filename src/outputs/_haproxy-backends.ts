// What haproxysessionmon measured of HAProxy, out of the batches of our source: one row for each backend.
import type { Batch } from "../core/batch.ts";

export interface HaproxyBackend {
  readonly name: string;
  /** That are open. */
  sessions: number;
  /** That began in the last second: what haproxysessionmon called sessions. */
  sessionRate: number;
  queuedSessions: number;
  activeServers: number;
  /** Answers with such a status: in this window, or since the totals began. */
  http4xx: number;
  http5xx: number;
}

/** What is shown as the sessions of a backend. */
export function countSessions(
  { sessions, sessionRate }: HaproxyBackend,
  shown: "current" | "rate",
): number {
  return shown === "rate" ? sessionRate : sessions;
}

export function isHaproxy({ samples }: Batch): boolean {
  return samples.some(({ name }) => name.startsWith("haproxy_"));
}

/**
 * HAProxy's own counters only grow while it runs, and that is what haproxysessionmon passed on. These begin at 0 with
 * the output instead. What `total` adds stays only when `keep` follows; `begin` forgets what was not kept, so that
 * batches that are offered again are counted once.
 */
export interface BackendTotals {
  begin(): void;
  total(source: string, backend: HaproxyBackend): HaproxyBackend;
  keep(): void;
}

/** Backends beyond this number are counted from 0 again. */
const totalsMax = 10_000;

export function createBackendTotals(): BackendTotals {
  const kept = new Map<string, HaproxyBackend>();
  const added = new Map<string, HaproxyBackend>();
  return {
    begin: () => added.clear(),
    total(source, backend) {
      const key = `${source}\0${backend.name}`;
      const before = added.get(key) ?? kept.get(key);
      const http4xx = (before?.http4xx ?? 0) + backend.http4xx;
      const http5xx = (before?.http5xx ?? 0) + backend.http5xx;
      const sum = { ...backend, http4xx, http5xx };
      added.set(key, sum);
      return sum;
    },
    keep() {
      if (kept.size + added.size > totalsMax) {
        kept.clear();
      }
      added.forEach((sum, key) => kept.set(key, sum));
      added.clear();
    },
  };
}

/** In the order of the batch. Values that the batch does not hold are 0. */
export function readBackends({ samples }: Batch): readonly HaproxyBackend[] {
  const backends = new Map<string, HaproxyBackend>();
  for (const { kind, name, labels, value } of samples) {
    const isNumber = (kind === "gauge" || kind === "count") && Number.isFinite(value);
    const field = isNumber ? toField(name, labels["code"]) : undefined;
    const proxy = labels["proxy"];
    if (field === undefined || proxy === undefined || labels["kind"] !== "backend") {
      continue;
    }
    let backend = backends.get(proxy);
    if (backend === undefined) {
      backend = createBackend(proxy);
      backends.set(proxy, backend);
    }
    backend[field] = Number(value);
  }
  return [...backends.values()];
}

function toField(
  metric: string,
  code: string | undefined,
): Exclude<keyof HaproxyBackend, "name"> | undefined {
  switch (metric) {
    case "haproxy_sessions":
      return "sessions";
    case "haproxy_session_rate":
      return "sessionRate";
    case "haproxy_queue":
      return "queuedSessions";
    case "haproxy_active_servers":
      return "activeServers";
    case "haproxy_responses_total":
      return code === "4xx" ? "http4xx" : code === "5xx" ? "http5xx" : undefined;
    default:
      return undefined;
  }
}

function createBackend(name: string): HaproxyBackend {
  const counts = { queuedSessions: 0, activeServers: 0, http4xx: 0, http5xx: 0 };
  return { name, sessions: 0, sessionRate: 0, ...counts };
}
