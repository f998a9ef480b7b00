// States of frontends, backends and servers, and the events of their changes.
import type { Event } from "../core/sample.ts";
import { toDurationText } from "../core/units.ts";
import { lastChangeColumn, numberIndexOf, rowStride } from "./columns.ts";
import type { Row, Stats } from "./parse-stats.ts";

const stateLengthMax = 32;

/** `UP 1/3` is "up", `MAINT (via b/s)` "maint", `no check` "no_check"; a state that we do not know keeps its name. */
export function toStateName(status: string): string {
  if (status.startsWith("no check")) {
    return "no_check";
  }
  const [word = ""] = status.slice(0, stateLengthMax).split(" ", 1);
  return word.toLowerCase().replace(/[^a-z0-9]/g, "_");
}

/** Undefined for a state that is meant to be: maintenance, draining, stopped. */
export function isServing(state: string): boolean | undefined {
  switch (state) {
    case "up":
    case "no_check":
    case "open":
      return true;
    case "down":
      return false;
    default:
      return undefined;
  }
}

/** What happens to a hundred servers at once is told of each; beyond, their number. */
const eventsMax = 100;

const lastChange = numberIndexOf(lastChangeColumn);

/** `statusOf` is what a row's status was when it was last seen; undefined for a new row, which is no change. */
export function findStateChanges(
  { rows, numbers }: Stats,
  statusOf: (key: string, guess: number) => string | undefined,
  at: number,
): Event[] {
  const events: Event[] = [];
  let untold = 0;
  for (const [index, row] of rows.entries()) {
    const before = statusOf(row.key, index);
    if (before === undefined || before === row.status || row.kind === "listener") {
      continue;
    }
    const [from, to] = [toStateName(before), toStateName(row.status)];
    if (from === to) {
      continue;
    }
    if (events.length >= eventsMax) {
      untold++;
      continue;
    }
    const seconds = numbers[index * rowStride + lastChange] ?? NaN;
    events.push(toEvent(row, from, to, { at, seconds }));
  }
  if (untold > 0) {
    const text = `The states of ${untold} more proxies and servers have changed.`;
    events.push({ at, name: "haproxy_states_changed", labels: {}, text });
  }
  return events;
}

const words: Readonly<Record<string, string>> = {
  up: "is up",
  down: "is down",
  drain: "drains: it takes no new sessions",
  nolb: "takes no new sessions, by its health check's word",
  maint: "is in maintenance",
  no_check: "is up and not checked",
  open: "is open",
  full: "is full",
  stop: "has stopped",
};

function toEvent(
  row: Row,
  from: string,
  to: string,
  { at, seconds }: { readonly at: number; readonly seconds: number },
): Event {
  const { kind, proxy, server, labels } = row;
  const who = server === "" ? `The ${kind} ${proxy}` : `The ${kind} ${proxy}/${server}`;
  const since =
    Number.isNaN(seconds) || seconds === 0 ? "" : ` for ${toDurationText(seconds * 1000)}`;
  const was = `; it was ${from.replace("_", " ")} before`;
  const via = /^MAINT \((.*)\)$/.exec(row.status)?.[1];
  const reason = via ?? (to === "down" || to === "nolb" ? describeCheck(row) : "");
  const why = reason === "" ? "" : ` (${reason})`;
  const text = `${who} ${words[to] ?? `is in the state ${to}`}${why}${since}${was}.`;
  return { at, name: `haproxy_${kind}_${to}`, labels, text };
}

/** `L4CON, Connection refused`: what the health check found. */
function describeCheck({ checkStatus, checkText }: Row): string {
  const check = checkStatus.replace(/^\* /, "");
  return [check, checkText].filter((text) => text !== "").join(", ");
}
