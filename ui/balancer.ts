// What a poll of HAProxy says of its frontends, backends and servers.
import type { BatchJson, EventJson, Labels } from "./api.ts";
import { type Cell, type CellName, cells } from "./balancer-cells.ts";
import type { Tone } from "./status.ts";
import { toRate, type Window } from "./series.ts";

export interface BalancerRow {
  readonly proxy: string;
  /** `frontend`, `backend`, `server` or `listener`. */
  readonly kind: string;
  /** Empty for a frontend and a backend. */
  readonly server: string;
  /** Empty while it is not known. */
  state: string;
  /** The last health check's result: `L7OK`. */
  check: string;
  /** Gauges as they are, counts as how many in the window. */
  readonly amounts: Map<CellName, number>;
  readonly limits: Map<CellName, number>;
}

export interface Balancer {
  /** Null before its first answer. */
  isUp: boolean | null;
  /** By rowKey, in HAProxy's own order. */
  readonly rows: Map<string, BalancerRow>;
  /** Open sessions by rowKey: what is kept of a poll when the next has come. */
  readonly sessions: Map<string, number>;
  readonly events: EventJson[];
}

export interface BalancerWindow extends Window {
  readonly balancer: Balancer;
}

/** More would be neither drawn quickly nor read by anybody. */
export const rowsMax = 400;
const eventsMax = 200;

export function createBalancer(): Balancer {
  return { isUp: null, rows: new Map(), sessions: new Map(), events: [] };
}

/** JSON, so that no name can look like two. */
export function rowKey({ proxy = "", kind = "", server = "" }: Labels): string {
  return JSON.stringify([proxy, kind, server]);
}

const byMetric = Map.groupBy(cells, ({ metric }) => metric);
const byLimit = Map.groupBy(
  cells.filter(({ limit }) => limit !== undefined),
  ({ limit = "" }) => limit,
);

export function foldBalancer(balancer: Balancer, { samples, events }: BatchJson): void {
  for (const { name, labels, value } of samples) {
    if (!name.startsWith("haproxy_") || typeof value !== "number") {
      continue;
    }
    if (name === "haproxy_up") {
      balancer.isUp = value === 1;
    } else if (labels["proxy"] !== undefined) {
      foldRow(balancer, name, labels, value);
    }
  }
  for (const event of events) {
    if (event.name.startsWith("haproxy_") && balancer.events.length < eventsMax) {
      balancer.events.push(event);
    }
  }
}

function foldRow(balancer: Balancer, name: string, labels: Labels, value: number): void {
  const row = takeRow(balancer.rows, labels);
  if (row === undefined) {
    return;
  }
  if (name === "haproxy_state") {
    row.state = labels["state"] ?? "";
    row.check = labels["check"] ?? "";
    return;
  }
  for (const cell of byMetric.get(name) ?? []) {
    if (cell.code === undefined || cell.code === labels["code"]) {
      row.amounts.set(cell.name, (row.amounts.get(cell.name) ?? 0) + value);
    }
  }
  for (const cell of byLimit.get(name) ?? []) {
    row.limits.set(cell.name, value);
  }
  if (name === "haproxy_sessions") {
    balancer.sessions.set(rowKey(labels), value);
  }
}

/** The row of these labels, made when there is none; undefined when there are too many. */
export function takeRow(rows: Map<string, BalancerRow>, labels: Labels): BalancerRow | undefined {
  const key = rowKey(labels);
  const known = rows.get(key);
  if (known !== undefined || rows.size >= rowsMax) {
    return known;
  }
  const { proxy = "", kind = "", server = "" } = labels;
  const row: BalancerRow = {
    proxy,
    kind,
    server,
    state: "",
    check: "",
    amounts: new Map(),
    limits: new Map(),
  };
  rows.set(key, row);
  return row;
}

/** Of a poll that is not the latest any more, sessions and events are kept. */
export function thinOut({ rows }: Balancer): void {
  rows.clear();
}

/** The rows of one proxy, as HAProxy's page lists them: frontend, listeners, servers, backend. */
export interface Proxy {
  readonly name: string;
  readonly rows: readonly BalancerRow[];
  readonly serversUp: number;
  readonly servers: number;
}

const order = ["frontend", "listener", "server", "backend"];

export function listProxies(rows: Iterable<BalancerRow>): Proxy[] {
  return [...Map.groupBy(rows, ({ proxy }) => proxy)].map(([name, members]) => {
    const servers = members.filter(({ kind }) => kind === "server");
    return {
      name,
      rows: members.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
      servers: servers.length,
      serversUp: servers.filter(({ state }) => toTone(state) === "good").length,
    };
  });
}

/** What a cell shows: counts per second. Null where nothing is known. */
export function readCell(
  { name, isCount, sparseOf }: Pick<Cell, "name" | "isCount" | "sparseOf">,
  row: BalancerRow,
  { window, backend }: { readonly window: Window; readonly backend: BalancerRow | undefined },
): number | null {
  const amount = row.amounts.get(name);
  if (!isCount) {
    return amount ?? null;
  }
  // What did not happen to a server is left out of a poll, where its backend would say so.
  const isZero = sparseOf?.includes(row.kind) ?? backend?.amounts.has(name) === true;
  return amount === undefined && !isZero ? null : toRate(amount ?? 0, window);
}

/** The share of its limit; undefined without one. What a backend has is the load it was planned for (`fullconn`). */
export function fillRatio({ name }: Pick<Cell, "name">, row: BalancerRow): number | undefined {
  const [amount, limit] = [row.amounts.get(name), row.limits.get(name)];
  return amount === undefined || limit === undefined || limit <= 0
    ? undefined
    : Math.min(1, amount / limit);
}

/** Requests per second that came in by all frontends; null when nothing of them is known. */
export function toRequestRate({ rows }: Balancer, window: Window): number | null {
  const counts = [...rows.values()]
    .filter(({ kind }) => kind === "frontend")
    .flatMap(({ amounts }) => amounts.get("requests") ?? []);
  return counts.length === 0
    ? null
    : toRate(
        counts.reduce((sum, one) => sum + one),
        window,
      );
}

/** A state as HAProxy's manual names it: down is bad, what an operator did is neither. */
export function toTone(state: string): Tone {
  switch (state) {
    case "up":
    case "open":
    case "no_check":
      return "good";
    case "down":
      return "bad";
    case "full":
    case "nolb":
      return "warn";
    default:
      return "quiet";
  }
}
