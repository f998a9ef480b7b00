// Rules that are well-formed and yet would never fire, or always.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./parse-config.ts";
import { sampleParts } from "./_sample-parts.ts";

const sources = `sources:
  log: { kind: access-log, files: a, format: b, every: 5s }
  slow: { kind: access-log, files: a, format: b, every: 5m }
  home: { kind: http, url: "https://a.example/" }
`;

function messagesOf(rule: string): readonly string[] {
  const text = `${sources}rules:\n  r: { ${rule} }\n`;
  const { problems } = parseConfig({ text, file: "w.yml", parts: sampleParts, hostName: "box" });
  return problems.map(({ path, message }) => `${path.replace(/^rules\.r\./, "")} ${message}`);
}

function assertMessages(cases: readonly (readonly [string, readonly string[]])[]): void {
  for (const [rule, messages] of cases) {
    assert.deepEqual(messagesOf(rule), messages, rule);
  }
}

const count = "metric: http_requests_total";
const p99 = "metric: http_request_duration_seconds, quantile: 0.99";

test("a window holds at least one look of every source that it watches", () => {
  const advice = "so that it would hold no whole window of it; write at least";
  const orNone = "or leave it out to judge each window alone";
  assertMessages([
    [`source: log, ${count}, over: 5s, above: 1/s`, []],
    [`source: home, metric: check_up, over: 30s, below: 0`, []],
    [
      `source: home, metric: check_up, over: 29s, below: 0`,
      [`over is shorter than \`every\` of the source \`home\`, ${advice} 30s, ${orNone}`],
    ],
    [
      `${count}, over: 2m, above: 1/s`,
      [`over is shorter than \`every\` of the source \`slow\`, ${advice} 5m, ${orNone}`],
    ],
    [`metric: check_up, over: 2m, below: 0`, []],
  ]);
});

test("a quantile is of a distribution, and a distribution needs one", () => {
  assertMessages([
    [`${p99}, above: 800ms`, []],
    [
      "metric: http_request_duration_seconds, above: 800ms",
      [
        "metric `http_request_duration_seconds` is a distribution; add which quantile to compare, such as `quantile: 0.99`",
      ],
    ],
    [
      `${count}, quantile: 0.5, above: 3`,
      ["quantile `http_requests_total` is a count, which has no quantiles; leave `quantile` out"],
    ],
    [
      "metric: check_up, quantile: 0.5, below: 0",
      ["quantile `check_up` is a gauge, which has no quantiles; leave `quantile` out"],
    ],
  ]);
});

test("a share is of counts, and a minimum counts what there is", () => {
  assertMessages([
    [`${count}, labels: { status: "5*" }, of: {}, above: 5%, minimum: 9`, []],
    [`${count}, of: { labels: { group: a } }, above: 0.05`, []],
    [`${p99}, over: 5m, baseline: 1h, above: 3, minimum: 9`, []],
    [`metric: http_paths, above: 30%, minimum: 9`, []],
    [
      `metric: http_paths, above: 30`,
      ["above is more than all, which the share of the heaviest never is; write 30%"],
    ],
    [`${count}, of: {}, above: 5`, ["above is more than all, which a share never is; write 5%"]],
    [
      `${count}, of: {}, above: 150%`,
      ["above is more than all, which a share never is; write at most 100%"],
    ],
    [
      `${p99}, of: {}, above: 5%`,
      [
        "of `http_request_duration_seconds` is a distribution; only counts can be divided by each other",
      ],
    ],
    [
      `${count}, of: { metric: http_request_duration_seconds }, above: 5%`,
      [
        "of.metric `http_request_duration_seconds` is a distribution; only counts can be divided by each other",
      ],
    ],
    [
      `${count}, of: { labels: { grup: a } }, above: 5%`,
      ["of.labels.grup `grup` is no label of `http_requests_total`; did you mean `group`?"],
    ],
    [
      `${count}, of: { metric: http_request_total }, above: 5%`,
      [
        "of.metric `http_request_total` is not measured by any source; did you mean `http_requests_total`?",
      ],
    ],
    [
      `${count}, of: {}, above: 5s`,
      ["above is a duration, but what is judged is a share; write a number or a percentage"],
    ],
    [
      `metric: http_paths, above: 10 MB`,
      [
        "above is a size, but what is judged is the share of the heaviest; write a number or a percentage",
      ],
    ],
    [
      `metric: http_paths, over: 5m, above: 3/s`,
      ["above is a rate, but what is judged is the share of the heaviest; write it without /s"],
    ],
    [
      `${count}, by: [group], of: { metric: http_bytes_total }, above: 5%`,
      ["by[0] `group` is no label of `http_bytes_total`, which has none"],
    ],
    [
      `${count}, above: 5, minimum: 9`,
      [
        "minimum counts the observations of a distribution, a top, a share (`of`) or a comparison (`baseline`), and `http_requests_total` is a count; leave it out",
      ],
    ],
  ]);
});

test("labels are those of the catalogue, where it lists any", () => {
  assertMessages([
    [`${count}, labels: { status: "500" }, by: [group], above: 3`, []],
    [
      `${count}, labels: { sttus: "500" }, by: [group, host], above: 3`,
      [
        "labels.sttus `sttus` is no label of `http_requests_total`; did you mean `status`?",
        "by[1] `host` is no label of `http_requests_total`, which has `group` and `status`",
      ],
    ],
    [
      `metric: http_bytes_total, by: [group], above: 3`,
      ["by[0] `group` is no label of `http_bytes_total`, which has none"],
    ],
    [`metric: log_errors, by: [anything], above: 3`, []],
  ]);
});

test("a threshold has the sort of unit that the metric's name ends in", () => {
  const seconds = "`http_request_duration_seconds` is in seconds; write a duration, such as 800ms";
  const bytes = "`http_bytes_total` is in bytes; write a size, such as 10 MiB";
  const none = "`http_requests_total` has no unit; write a number alone";
  assertMessages([
    [`${p99}, above: 0`, []],
    [
      `${p99}, above: 800, clear: 0.5`,
      ["above 800 has no unit; write 800ms or 800s", "clear 0.5 has no unit; write 0.5s"],
    ],
    [`${p99}, above: 8 MiB`, [`above is a size, but ${seconds}`]],
    [`${p99}, above: 5%`, [`above is a percentage, but ${seconds}`]],
    [`source: log, metric: http_bytes_total, over: 1m, above: 10 MB/s`, []],
    [`metric: http_bytes_total, above: 1000`, []],
    [`metric: http_bytes_total, above: 10s`, [`above is a duration, but ${bytes}`]],
    [`metric: http_bytes_total, above: 5%`, [`above is a percentage, but ${bytes}`]],
    [`${count}, above: 5%`, [`above is a percentage, but ${none}`]],
    [`${count}, above: 10 MB`, [`above is a size, but ${none}`]],
    [`metric: log_lag, above: 10s`, []],
    [`metric: log_lag_seconds, above: 10`, ["above 10 has no unit; write 10ms or 10s"]],
    [
      `metric: log_lag, above: 5%`,
      ["above is a percentage, but `log_lag` has no unit; write a number alone"],
    ],
    [`metric: log_busy_ratio, above: 5%`, []],
    [`metric: log_busy_ratio, above: 0.05`, []],
    [
      `metric: watchpost_reader_lag_seconds, above: 60`,
      ["above 60 has no unit; write 60ms or 60s"],
    ],
  ]);
});

test("a catalogue that never speaks of labels says nothing about them", () => {
  const [home] = sampleParts.sources;
  assert.ok(home);
  const beats = { beats_total: { kind: "count", help: "Beats." } } as const;
  const parts = { ...sampleParts, sources: [{ ...home, name: "heart", metrics: beats }] };
  const text = `sources: { a: { kind: heart, url: "https://a.example/" } }
rules: { r: { metric: beats_total, by: [side], above: 3 } }
`;
  const { problems } = parseConfig({ text, file: "w.yml", parts, hostName: "box" });
  assert.deepEqual(problems, []);
});
