import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { endpointOptions, findEndpointConflict } from "./_endpoint.ts";
import { exampleBatch } from "./_example-batch.ts";
import { seriesOptions } from "./_series-options.ts";
import { protocols } from "./_wire-sender.ts";
import { histogramForms } from "./_wire-series.ts";
import { WireWriter } from "./_wire-writer.ts";

const labels = 'group="api",service="web",source="shop"';

const options = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .describe("Where the receiver takes requests, such as http://prometheus:9090/api/v1/write."),
    protocol: z
      .enum(protocols)
      .default("auto")
      .describe(
        "Version to speak; `auto` tries 2.0, and goes on with 1.0 where that is not known.",
      ),
    histograms: z
      .enum(histogramForms)
      .default("classic")
      .describe(
        "How distributions are sent: `native` as they are, which the receiver has to understand; " +
          "`classic` as counts below powers of two; or `both`.",
      ),
    ...endpointOptions,
    shards: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe(
        "Requests under way at once; the samples of a series always go one after the other.",
      ),
    samplesMax: z.int().min(1).max(100_000).default(2_000).describe("Samples in one request."),
    ...seriesOptions,
  })
  .superRefine((given, context) => {
    const message = findEndpointConflict(given);
    if (message !== undefined) {
      context.addIssue({ code: "custom", message });
    }
  });

export const remoteWrite = defineOutput({
  name: "remote-write",
  summary: "Sends every metric to Prometheus, or whatever else takes its remote-write protocol.",
  options,
  examples: [
    {
      title: "Counts as counters, which begin with zero; distributions as native histograms",
      options: {
        url: "http://prometheus.example/api/v1/write",
        protocol: "1.0",
        histograms: "native",
      },
      given: { replies: { "http://prometheus.example/api/v1/write": { status: 204 } } },
      batches: [exampleBatch],
      expect: {
        posted: {
          "http://prometheus.example/api/v1/write": [
            [
              `http_requests_total{${labels},status="200"} 0 @1795190400001`,
              `http_requests_total{${labels},status="200"} 2 @1795190410000`,
              `http_request_duration_seconds{${labels}} histogram(count 0, sum 0, schema 6, zero 0) @1795190400001`,
              `http_request_duration_seconds{${labels}} histogram(count 2, sum 0.75, schema 6, zero 0, -128: 1, -64: 1) @1795190410000`,
              'check_up{service="web",source="shop"} 1 @1795190410000',
            ].join("\n"),
          ],
        },
      },
    },
  ],

  async open(given, context) {
    const writer = new WireWriter(given, context);
    return {
      write: async (batches, signal) => {
        signal.throwIfAborted();
        await writer.write(batches, signal);
      },
      state: () => (writer.isWhole ? writer.toState() : undefined),
      progress: () => writer.toProgress(),
      async [Symbol.asyncDispose]() {},
    };
  },
});
