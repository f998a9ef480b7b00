// A batch of the source `haproxy`, for the outputs' examples.
import type { Batch } from "../core/batch.ts";
import { count, gauge } from "../core/sample.ts";
import { exampleBatch } from "./_example-batch.ts";

const frontend = { proxy: "web", kind: "frontend" };
const backend = { proxy: "app", kind: "backend" };

export const haproxyExampleBatch: Batch = {
  ...exampleBatch,
  source: "lb-1",
  from: 1_795_185_115_661,
  to: 1_795_185_125_661,
  samples: [
    gauge("haproxy_sessions", 4, frontend),
    gauge("haproxy_sessions", 3, backend),
    gauge("haproxy_session_rate", 1, backend),
    gauge("haproxy_queue", 2, backend),
    gauge("haproxy_active_servers", 1, backend),
    count("haproxy_responses_total", 11, { ...backend, code: "4xx" }),
    count("haproxy_responses_total", 12, { ...backend, code: "5xx" }),
  ],
};
