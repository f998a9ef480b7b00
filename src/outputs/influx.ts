import { defineOutput } from "../core/component.ts";
import { loadTls } from "../core/tls-files.ts";
import { exampleBatch } from "./_example-batch.ts";
import { toInfluxLines } from "./_influx-lines.ts";
import { createAnswerCheck, influxOptions, toRequest } from "./_influx-request.ts";
import { ask } from "./_post.ts";

/** What InfluxDB likes in one request. */
const linesMax = 5_000;

const place = "http://influx.example:8086";

export const influx = defineOutput({
  name: "influx",
  summary: "Writes every number and event to InfluxDB, or whatever else takes its line protocol.",
  isRepeatable: true,
  options: influxOptions,
  examples: [
    {
      title: "A database of InfluxDB 1",
      options: { url: place, database: "web" },
      given: { replies: { [`${place}/write?precision=ns&db=web`]: { status: 204 } } },
      batches: [exampleBatch],
      expect: {
        posted: {
          [`${place}/write?precision=ns&db=web`]: [
            "http_requests_total,group=api,service=web,source=shop,status=200 value=2 1795190410000000007\n" +
              "http_request_duration_seconds,group=api,service=web,source=shop count=2i,sum=0.75,min=0.25,max=0.5,p50=0.25,p90=0.5,p99=0.5 1795190410000000007\n" +
              "check_up,service=web,source=shop value=1 1795190410000000007\n",
          ],
        },
      },
    },
    {
      title: "A bucket of InfluxDB 2",
      options: { url: place, org: "ops", bucket: "web", token: { env: "INFLUX_TOKEN" } },
      given: {
        secrets: { INFLUX_TOKEN: "t0ken" },
        replies: { [`${place}/api/v2/write?precision=ns&bucket=web&org=ops`]: { status: 204 } },
      },
      batches: [{ ...exampleBatch, samples: exampleBatch.samples.slice(2) }],
      expect: {
        posted: {
          [`${place}/api/v2/write?precision=ns&bucket=web&org=ops`]: [
            "check_up,service=web,source=shop value=1 1795190410000000007\n",
          ],
        },
      },
    },
  ],

  async open(given, context) {
    const { url, headers } = toRequest(given);
    const check = createAnswerCheck(context);
    return {
      async write(batches, signal) {
        const tls = given.tls && (await loadTls(given.tls, context.files));
        const lines = batches.flatMap(toInfluxLines);
        for (let at = 0; at < lines.length; at += linesMax) {
          const body = `${lines.slice(at, at + linesMax).join("\n")}\n`;
          const isGzipped = given.compression === "gzip";
          check(await ask({ url, headers, body, isGzipped, tls, signal }, context));
        }
      },
    };
  },
});
