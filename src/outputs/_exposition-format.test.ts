import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseFormat } from "./_exposition-format.ts";

const protobuf =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

suite("the format of the page", () => {
  const asked: readonly (readonly [string, string, string])[] = [
    ["nothing", "", "text"],
    ["a browser", "text/html,application/xhtml+xml,*/*;q=0.8", "text"],
    ["curl", "*/*", "text"],
    [
      "Prometheus 2.42",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "openmetrics",
    ],
    [
      "Prometheus 2.42 with native histograms",
      `${protobuf},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
      "protobuf",
    ],
    [
      "Prometheus 3",
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3",
      "openmetrics",
    ],
    ["who would rather have text", `${protobuf};q=0.2,text/plain`, "text"],
    ["an older OpenMetrics only", "application/openmetrics-text;version=0.0.1", "text"],
    ["another protobuf", "application/vnd.google.protobuf;proto=other;encoding=delimited", "text"],
    ["anything but OpenMetrics", "application/openmetrics-text;q=0", "text"],
    ["nonsense", ";;q=,,=;q=x", "text"],
  ];
  for (const [who, accept, format] of asked) {
    test(`for ${who}`, () => assert.equal(chooseFormat(accept), format));
  }
});
