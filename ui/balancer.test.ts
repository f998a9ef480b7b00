import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { BatchJson, SampleJson } from "./api.ts";
import { cells } from "./balancer-cells.ts";
import {
  createBalancer,
  fillRatio,
  foldBalancer,
  listProxies,
  readCell,
  rowKey,
  rowsMax,
  toTone,
} from "./balancer.ts";

const app = { proxy: "app", kind: "backend" };
const server = { proxy: "app", kind: "server", server: "a" };
const front = { proxy: "app", kind: "frontend" };

function gauge(name: string, labels: Record<string, string>, value: number): SampleJson {
  return { name, kind: "gauge", labels, value };
}

function batch(...samples: SampleJson[]): BatchJson {
  const at = "2026-11-20T16:00:00.000Z";
  const events = [{ at, name: "haproxy_server_down", labels: server, text: "It is down." }];
  return { source: "lb", service: "", seq: 1, from: at, to: at, samples, tops: [], events };
}

const poll = batch(
  gauge("haproxy_up", {}, 1),
  gauge("haproxy_sessions", server, 4),
  gauge("haproxy_session_limit", server, 5),
  gauge("haproxy_state", { ...server, state: "down", check: "L4CON" }, 1),
  gauge("haproxy_responses_total", { ...app, code: "5xx" }, 30),
  gauge("haproxy_responses_total", { ...app, code: "2xx" }, 500),
  gauge("haproxy_errors_total", { ...app, what: "connect" }, 2),
  gauge("haproxy_errors_total", { ...app, what: "response" }, 3),
  gauge("haproxy_state", { ...app, state: "up" }, 1),
  gauge("haproxy_state", { ...front, state: "open" }, 1),
);

const window = { from: 0, to: 10_000 };
const named = (name: string) => {
  const cell = cells.find((one) => one.name === name);
  assert.ok(cell);
  return cell;
};

suite("balancer", () => {
  const balancer = createBalancer();
  foldBalancer(balancer, poll);
  const row = (labels: Record<string, string>) => {
    const found = balancer.rows.get(rowKey(labels));
    assert.ok(found);
    return found;
  };

  test("counts are per second, summed over what their column counts", () => {
    const at = { window, backend: undefined };
    assert.equal(readCell(named("serverErrors"), row(app), at), 3);
    assert.equal(readCell(named("errors"), row(app), at), 0.5);
    assert.equal(readCell(named("clientErrors"), row(app), at), null);
  });

  test("what a server did not count is zero where its backend counts it", () => {
    const backend = row(app);
    assert.equal(readCell(named("serverErrors"), row(server), { window, backend }), 0);
    assert.equal(readCell(named("requests"), row(server), { window, backend }), null);
  });

  test("a limit makes a bar", () => {
    assert.equal(fillRatio(named("sessions"), row(server)), 0.8);
    assert.equal(fillRatio(named("queue"), row(server)), undefined);
  });

  test("proxies list frontend, servers and backend, and how many servers are up", () => {
    const [proxy] = listProxies(balancer.rows.values());
    assert.deepEqual(
      proxy?.rows.map(({ kind }) => kind),
      ["frontend", "server", "backend"],
    );
    assert.deepEqual([proxy?.serversUp, proxy?.servers], [0, 1]);
    assert.equal(row(server).check, "L4CON");
    assert.equal(balancer.isUp, true);
    assert.equal(balancer.events.length, 1);
  });

  test("rows are bounded", () => {
    const many = createBalancer();
    const samples = Array.from({ length: rowsMax + 50 }, (_, index) =>
      gauge("haproxy_sessions", { ...server, server: `s${index}` }, 1),
    );
    foldBalancer(many, batch(...samples));
    assert.equal(many.rows.size, rowsMax);
  });

  test("only what fails is bad", () => {
    assert.deepEqual(["up", "down", "maint", "nolb", "surprise"].map(toTone), [
      "good",
      "bad",
      "quiet",
      "warn",
      "quiet",
    ]);
  });
});
