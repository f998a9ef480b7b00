import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { endpointOptions, findEndpointConflict } from "./_endpoint.ts";
import { cumulativeExample, deltaExample } from "./_otlp-examples.ts";
import { temporalities } from "./_otlp-metrics.ts";
import { encodings } from "./_otlp-queue.ts";
import { OtlpWriter } from "./_otlp-writer.ts";
import { seriesOptions } from "./_series-options.ts";

const options = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .describe("Where the receiver is, such as http://collector:4318; /v1/metrics is appended."),
    encoding: z.enum(encodings).default("protobuf").describe("Of the requests."),
    compression: z.enum(["gzip", "none"]).default("gzip").describe("Of the requests."),
    temporality: z
      .enum(temporalities)
      .default("cumulative")
      .describe(
        "`cumulative` sends totals since the first start, `delta` what each window counted.",
      ),
    logs: z.boolean().default(false).describe("Sends events, too, as log records to /v1/logs."),
    attributes: z
      .record(z.string().min(1), z.string())
      .default({})
      .describe("Of the resource, such as `host.name: lb-1`; they replace those of the source."),
    ...endpointOptions,
    ...seriesOptions,
  })
  .superRefine((given, context) => {
    const message = findEndpointConflict(given);
    if (message !== undefined) {
      context.addIssue({ code: "custom", message });
    }
  });

export const otlp = defineOutput({
  name: "otlp",
  summary: "Sends metrics, and events as logs, to whatever takes OpenTelemetry's OTLP over HTTP.",
  options,
  examples: [cumulativeExample, deltaExample],

  async open(given, context) {
    const writer = new OtlpWriter(given, context);
    return {
      async write(batches, signal) {
        signal.throwIfAborted();
        await writer.write(batches, signal);
      },
      ...(given.temporality === "cumulative" && {
        state: () => (writer.isWhole ? writer.toState() : undefined),
        progress: () => writer.toProgress(),
      }),
      async [Symbol.asyncDispose]() {},
    };
  },
});
