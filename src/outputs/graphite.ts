import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { exampleBatch } from "./_example-batch.ts";
import { toGraphiteLines } from "./_graphite-lines.ts";
import { pathTemplate } from "./_graphite-path.ts";
import { checkLineReceiver, lineReceiverOptions, openLineOutput } from "./_line-receiver.ts";

const options = z
  .strictObject({
    ...lineReceiverOptions("tcp", 2003),
    tags: z
      .boolean()
      .default(false)
      .describe(
        "Sends tagged series, such as `http_requests_total;source=shop`, instead of paths.",
      ),
    path: pathTemplate,
    counts: z
      .enum(["window", "rate"])
      .default("window")
      .describe(
        "What counts are, and counts and sums of distributions: those of the window, or a second's.",
      ),
  })
  .superRefine(checkLineReceiver);

export const graphite = defineOutput({
  name: "graphite",
  summary: "Sends every number to Graphite, or whatever else takes its lines.",
  isRepeatable: true,
  options,
  examples: [
    {
      title: "Paths of one's own, over TCP",
      options: { host: "carbon.example", path: "web.{service}.{source}.{metric}.{labels}" },
      given: { listeners: { "carbon.example:2003": {} } },
      batches: [exampleBatch],
      expect: {
        sent: received(
          "web.web.shop.http_requests_total.group.api.status.200 2",
          "web.web.shop.http_request_duration_seconds.group.api.count 2",
          "web.web.shop.http_request_duration_seconds.group.api.sum 0.75",
          "web.web.shop.http_request_duration_seconds.group.api.min 0.25",
          "web.web.shop.http_request_duration_seconds.group.api.max 0.5",
          "web.web.shop.http_request_duration_seconds.group.api.p50 0.25",
          "web.web.shop.http_request_duration_seconds.group.api.p90 0.5",
          "web.web.shop.http_request_duration_seconds.group.api.p99 0.5",
          "web.web.shop.check_up 1",
        ),
      },
    },
    {
      title: "Tagged series, counts as rates",
      options: { host: "carbon.example", tags: true, counts: "rate" },
      given: { listeners: { "carbon.example:2003": {} } },
      batches: [{ ...exampleBatch, samples: exampleBatch.samples.slice(0, 1) }],
      expect: {
        sent: received("http_requests_total;group=api;service=web;source=shop;status=200 0.2"),
      },
    },
  ],

  open: (given, context) =>
    openLineOutput(given, { toLines: (batch) => toGraphiteLines(given, batch) }, context),
});

/** What the example's receiver gets. */
function received(...lines: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return { "tcp://carbon.example:2003": [lines.map((line) => `${line} 1795190410\n`).join("")] };
}
