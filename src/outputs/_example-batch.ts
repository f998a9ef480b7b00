// A batch for the outputs' examples: small, with one sample of each kind that matters.
import { toBatchJson } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import { Distribution } from "../core/distribution.ts";
import { count, gauge } from "../core/sample.ts";

const durations = new Distribution();
durations.add(0.25);
durations.add(0.5);

export const exampleBatch: Batch = {
  source: "shop",
  service: "web",
  seq: 7,
  from: Date.UTC(2026, 10, 20, 16, 0, 0),
  to: Date.UTC(2026, 10, 20, 16, 0, 10),
  samples: [
    count("http_requests_total", 2, { group: "api", status: "200" }),
    {
      kind: "distribution",
      name: "http_request_duration_seconds",
      labels: { group: "api" },
      value: durations,
    },
    gauge("check_up", 1),
  ],
  tops: [],
  events: [],
  more: false,
  partial: false,
  backfill: false,
};

export const exampleLine = JSON.stringify(toBatchJson(exampleBatch));
