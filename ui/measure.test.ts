import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatMeasured } from "./measure.ts";

function measure(metric: string, condition: string, value: number): string {
  return formatMeasured({ metric, condition }, value).replaceAll("\u00a0", " ");
}

suite("measure", () => {
  test("a value has the unit of its metric, and is per second where its condition is", () => {
    for (const [metric, condition, value, text] of [
      ["http_requests_total", "above 30/s", 79.9, "79.9/s"],
      ["http_requests_total", "above 500", 812, "812"],
      ["http_request_duration_seconds", "above 800ms", 1.25, "1.25 s"],
      ["http_response_bytes_total", "above 1 MiB/s", 3 * 2 ** 20, "3 MiB/s"],
      ["http_response_bytes", "above 1 MiB", 2 ** 21, "2 MiB"],
      ["disk_used_ratio", "above 90%", 0.93, "93 %"],
      ["haproxy_queue", "above 10", 12, "12"],
      ["http_requests_total", "above 5%", 0.0625, "6.25 %"],
      ["http_request_duration_seconds", "above 3", 4.2, "4.2"],
    ] as const) {
      assert.equal(measure(metric, condition, value), text);
    }
  });

  test("a check is up or down; a share of the time it was up is a number", () => {
    assert.equal(measure("check_up", "below 0", 0), "down");
    assert.equal(measure("check_up", "below 0", 1), "up");
    assert.equal(measure("check_up", "below 0.9", 0.5), "0.5");
  });
});
