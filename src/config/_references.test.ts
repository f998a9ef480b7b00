// The exact lines that users see, mistake by mistake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./parse-config.ts";
import { toProblemText } from "./problem.ts";
import { sampleParts } from "./_sample-parts.ts";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "an output that is not there",
    `sources:
  home: { kind: http, url: https://a.example/, outputs: graylog }
outputs:
  graylog1: { kind: stdout }
`,
    ["w.yml:2:57 sources.home.outputs: there is no output `graylog`; did you mean `graylog1`?"],
  ],
  [
    "outputs that are not there",
    `sources:
  home: { kind: http, url: https://a.example/, outputs: [a, b] }
`,
    [
      "w.yml:2:58 sources.home.outputs[0]: there is no output `a`; no outputs are configured",
      "w.yml:2:61 sources.home.outputs[1]: there is no output `b`; no outputs are configured",
    ],
  ],
  [
    "what rules refer to",
    `sources:
  home: { kind: http, url: https://a.example/ }
rules:
  a: { metric: http_requests_total, above: 1 }
  b: { source: hom, metric: check_up, below: 0 }
  c: { metric: chekc_up, below: 0 }
  d: { service: x, metric: check_up, below: 0 }
  e: { source: watchpost, metric: check_up, below: 0 }
`,
    [
      "w.yml:4:16 rules.a.metric: `http_requests_total` is not measured by any source; measured are `check_duration_seconds`, `check_unknown_total` and `check_up`",
      "w.yml:5:16 rules.b.source: there is no source `hom`; did you mean `home`?",
      "w.yml:6:16 rules.c.metric: `chekc_up` is not measured by any source; did you mean `check_up`?",
      "w.yml:7:17 rules.d.service: no source belongs to the service `x`; no services are configured",
      "w.yml:8:35 rules.e.metric: `check_up` is not what a node measures of itself; those begin with `watchpost_`",
    ],
  ],
  [
    "rules about sources, of which one is of no known kind",
    `sources:
  log: { kind: access-log, files: a, format: b, service: shop }
  home: { kind: htp, url: https://a.example/ }
rules:
  a: { source: log, metric: http_paths, above: 1 }
  b: { metric: foo, above: 1 }
  c: { service: shop, metric: check_up, below: 0 }
  d: { source: log, metric: http_requests, above: lots, over: 2 }
`,
    [
      "w.yml:3:17 sources.home.kind: must be `http` or `access-log`; did you mean `http`?",
      "w.yml:7:31 rules.c.metric: `check_up` is not measured by any source of the service `shop`; measured are `http_bytes_total`, `http_paths`, `http_request_duration_seconds`, `http_requests_total` and `log_*`",
      "w.yml:8:29 rules.d.metric: `http_requests` is not measured by the source `log`; did you mean `http_requests_total`?",
      "w.yml:8:51 rules.d.above: is not a threshold; write a number, a rate such as 30/s, a duration, a size or a percentage",
      "w.yml:8:63 rules.d.over: has no unit; write 2s, 2m, 2h or 2d",
    ],
  ],
];

for (const [title, text, lines] of cases) {
  test(title, () => {
    const parsed = parseConfig({ text, file: "w.yml", parts: sampleParts, hostName: "box" });
    assert.deepEqual(parsed.problems.map(toProblemText), lines);
    assert.equal(parsed.config, undefined);
  });
}
