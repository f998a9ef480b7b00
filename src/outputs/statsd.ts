import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { exampleBatch } from "./_example-batch.ts";
import { pathTemplate } from "./_graphite-path.ts";
import { checkLineReceiver, lineReceiverOptions, openLineOutput } from "./_line-receiver.ts";
import { tagForms, toStatsdLines } from "./_statsd-lines.ts";

export const statsd = defineOutput({
  name: "statsd",
  summary: "Sends every number to StatsD as counters, gauges and timings.",
  options: z
    .strictObject({
      ...lineReceiverOptions("udp", 8125),
      tags: z
        .enum(tagForms)
        .default("none")
        .describe(
          "How labels are written: into the path, as `|#name:value` for DogStatsD, or as `,name=value` " +
            "behind the metric for Telegraf and InfluxDB.",
        ),
      path: pathTemplate,
      distributions: z
        .enum(["numbers", "timings"])
        .default("numbers")
        .describe(
          "`numbers`: count and sum as counters, least, greatest and percentiles of the window as gauges. " +
            "`timings`: durations as up to 100 timings of even ranks, from which the server makes its own " +
            "percentiles.",
        ),
    })
    .superRefine(checkLineReceiver),
  examples: [
    {
      title: "Counters and gauges, several in a datagram",
      options: { host: "statsd.example" },
      batches: [exampleBatch],
      expect: {
        sent: {
          "udp://statsd.example:8125": [
            "watchpost.shop.http_requests_total.group.api.status.200:2|c\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.count:2|c\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.sum:0.75|c\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.min:0.25|g\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.max:0.5|g\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.p50:0.25|g\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.p90:0.5|g\n" +
              "watchpost.shop.http_request_duration_seconds.group.api.p99:0.5|g\n" +
              "watchpost.shop.check_up:1|g",
          ],
        },
      },
    },
    {
      title: "For DogStatsD over TCP, durations as timings",
      options: {
        host: "statsd.example",
        transport: "tcp",
        tags: "dogstatsd",
        distributions: "timings",
      },
      given: { listeners: { "statsd.example:8125": {} } },
      batches: [exampleBatch],
      expect: {
        sent: {
          "tcp://statsd.example:8125": [
            "http_requests_total:2|c|#group:api,service:web,source:shop,status:200\n" +
              "http_request_duration_seconds:250|ms|#group:api,service:web,source:shop\n" +
              "http_request_duration_seconds:500|ms|#group:api,service:web,source:shop\n" +
              "check_up:1|g|#service:web,source:shop\n",
          ],
        },
      },
    },
  ],

  open: (given, context) =>
    openLineOutput(given, { toLines: (batch) => toStatsdLines(given, batch) }, context),
});
