import assert from "node:assert/strict";
import test from "node:test";
import { parts } from "../engine/parts.ts";
import { parseConfig } from "../config/parse-config.ts";
import { toProblemText } from "../config/problem.ts";
import { toOwnMetricName } from "../access-log/window/own-metrics.ts";
import { ownMetrics } from "./_access-log-metrics.ts";

test("a metric becomes what the scan needs", () => {
  assert.deepEqual(ownMetrics().parse({ lines: { kind: "count" } }), [
    { name: "lines", kind: "count" },
  ]);
  const options = {
    kind: "top",
    field: "header.x_tenant",
    where: "status = 500",
    labels: ["host"],
  };
  assert.deepEqual(ownMetrics().parse({ tenants: options }), [
    {
      name: "tenants",
      kind: "top",
      field: "header.x_tenant",
      where: { kind: "number", field: "status", operator: "=", value: 500 },
      labels: ["host"],
    },
  ]);
});

test("what cannot be measured is refused, with what to do instead", () => {
  const count = { kind: "count" };
  assert.match(problemOf({ "Nice-name": count }), /^Nice-name: is no name; write small letters/);
  assert.match(
    problemOf({ http_clients: count }),
    /^http_clients: is a metric that the source has/,
  );
  assert.match(problemOf({ a: { kind: "top" } }), /^a\.field: .* a top needs the field/);
  assert.match(
    problemOf({ a: { kind: "distribution", field: "agent" } }),
    /^a\.field: agent is a text; a distribution needs a number/,
  );
  assert.match(problemOf({ a: { ...count, field: "statsu" } }), /^a\.field: .*did you mean status/);
  assert.match(problemOf({ a: { ...count, field: "time" } }), /^a\.field: "time" is no field/);
  assert.match(problemOf({ a: { ...count, labels: ["hots"] } }), /^a\.labels\.0: .*mean .*host/);
  assert.match(problemOf({ a: { ...count, labels: ["agent"] } }), /too many values to be a label/);
  assert.match(problemOf({ a: { ...count, labels: ["host", "host"] } }), /names a field twice/);
  assert.match(problemOf({ a: { ...count, where: "status >> 5" } }), /^a\.where: column 9: /);
  const many = Array.from({ length: 21 }, (_, index) => [`m${index}`, count]);
  assert.match(problemOf(Object.fromEntries(many)), /are 21; at most 20/);
});

test("the name says the kind and the unit", () => {
  const names = [
    toOwnMetricName({ name: "a", kind: "count" }),
    toOwnMetricName({ name: "a", kind: "count", field: "duration" }),
    toOwnMetricName({ name: "a", kind: "distribution", field: "bytes_in" }),
    toOwnMetricName({ name: "a", kind: "distribution", field: "retries" }),
  ];
  assert.deepEqual(names, [
    "log_metric_total",
    "log_metric_seconds_total",
    "log_metric_bytes",
    "log_metric_values",
  ]);
});

test("a rule on a metric of one's own passes the check, a wrong one does not", () => {
  const labels = "labels: { metric: slow_uploads }";
  assert.deepEqual(
    problemsOf(
      `{ source: shop, metric: log_metric_total, ${labels}, by: [host], over: 1m, above: 5/s }`,
    ),
    [],
  );
  assert.deepEqual(
    problemsOf(`{ source: shop, metric: log_metric_seconds, quantile: 0.9, above: 800ms }`),
    [],
  );
  const [problem, ...others] = problemsOf(
    `{ source: shop, metric: log_metric_seconds, above: 1s }`,
  );
  assert.match(problem ?? "", /is a distribution; add which quantile/);
  assert.deepEqual(others, []);
  assert.match(
    problemsOf(`{ source: shop, metric: log_metric_total, by: [tenant], above: 5 }`).join(),
    /`tenant` is no label/,
  );
});

function problemOf(metrics: object): string {
  const issue = ownMetrics().safeParse(metrics).error?.issues[0];
  return `${issue?.path.join(".")}: ${issue?.message}`;
}

function problemsOf(rule: string): readonly string[] {
  const text = `sources:
  shop:
    kind: access-log
    files: /a.log
    metrics:
      slow_uploads: { kind: count, where: method = POST and duration > 1s, labels: [host] }
      uploads: { kind: distribution, field: duration, where: method = POST }
rules:
  mine: ${rule}
`;
  const { problems } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
  return problems.map(toProblemText);
}
