import { z } from "zod";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { defineOutput } from "../core/component.ts";
import { Corrupt } from "../core/errors.ts";
import { Totals } from "../core/totals.ts";
import { exampleBatch } from "./_example-batch.ts";
import { chooseFormat, contentTypes } from "./_exposition-format.ts";
import { toOpenMetrics } from "./_exposition-openmetrics.ts";
import { toExpositionProtobuf } from "./_exposition-protobuf.ts";
import { toExpositionText } from "./_exposition-text.ts";
import type { Family } from "./_metric-families.ts";
import { toFamilies } from "./_metric-families.ts";
import { SourceAges } from "./_source-ages.ts";

const exampleBounds = Array.from({ length: 17 }, (_, i) => 2 ** (i - 10));
const exampleLabels = 'source="shop",service="web",group="api"';

export const prometheus = defineOutput({
  name: "prometheus",
  summary: "Serves every metric as a page that Prometheus scrapes.",
  isAsked: true,
  options: z.strictObject({
    path: z
      .string()
      .startsWith("/")
      .default("/metrics")
      .describe("Path of the page on the server."),
    seriesMax: z
      .int()
      .min(1)
      .default(100_000)
      .describe(
        "Series beyond this number are left out; their samples are counted on the page, in " +
          "`watchpost_page_refused_samples_total`.",
      ),
    silentIntervals: z
      .int()
      .min(1)
      .default(3)
      .describe(
        "A source that has delivered nothing for so many of its intervals, and for a minute, " +
          "disappears from the page with its gauges; its counters stay.",
      ),
  }),
  examples: [
    {
      title: "Counts as counters since the first start, distributions as histograms",
      options: {},
      batches: [exampleBatch],
      metrics: { http_requests_total: { kind: "count", help: "Requests, by group and status." } },
      expect: {
        routes: {
          "/metrics": [
            "# HELP http_requests_total Requests, by group and status.",
            "# TYPE http_requests_total counter",
            `http_requests_total{${exampleLabels},status="200"} 2`,
            "# TYPE http_request_duration_seconds histogram",
            ...exampleBounds.map((bound) => {
              const below = bound < 0.25 ? 0 : bound < 0.5 ? 1 : 2;
              return `http_request_duration_seconds_bucket{${exampleLabels},le="${bound}"} ${below}`;
            }),
            `http_request_duration_seconds_bucket{${exampleLabels},le="+Inf"} 2`,
            `http_request_duration_seconds_sum{${exampleLabels}} 0.75`,
            `http_request_duration_seconds_count{${exampleLabels}} 2`,
            "# TYPE check_up gauge",
            'check_up{source="shop",service="web"} 1',
            "# HELP watchpost_page_refused_samples_total Samples that had no room on this page since the start.",
            "# TYPE watchpost_page_refused_samples_total counter",
            "watchpost_page_refused_samples_total 0",
            "# HELP watchpost_page_hidden_series Series left out because others have their name and labels.",
            "# TYPE watchpost_page_hidden_series gauge",
            "watchpost_page_hidden_series 0",
            "",
          ].join("\n"),
        },
      },
    },
  ],

  async open({ path, seriesMax, silentIntervals }, { state, now, describe }) {
    const { totals, ages } = readState(state, seriesMax);

    function* listed(): ReturnType<Totals["list"]> {
      const at = now();
      for (const total of totals.list()) {
        if (total.kind !== "gauge" || !ages.isSilent(total.source, at, silentIntervals)) {
          yield total;
        }
      }
    }

    return {
      async write(batches) {
        for (const batch of batches) {
          totals.add(batch);
          ages.note(batch);
        }
      },
      state: () => writeState(totals, ages),
      routes: [
        {
          path,
          summary:
            "All metrics, as the client asks for them: Prometheus's text format 0.0.4, " +
            "OpenMetrics 1.0, or protobuf with native histograms.",
          async handle({ accept }) {
            const { families, hidden } = toFamilies(listed(), describe, ownNames);
            const format = chooseFormat(accept);
            return {
              status: 200,
              headers: { "content-type": contentTypes[format], vary: "accept" },
              body: writers[format]([...families, ...ownFamilies(totals.refused, hidden)]),
            };
          },
        },
      ],
    };
  },
});

const writers = {
  text: toExpositionText,
  openmetrics: toOpenMetrics,
  protobuf: toExpositionProtobuf,
};

const refusedName = "watchpost_page_refused_samples_total";
const hiddenName = "watchpost_page_hidden_series";
const ownNames = [refusedName, hiddenName];

/** What is about the page itself, and of no source. */
function ownFamilies(refused: number, hidden: number): readonly Family[] {
  return [
    {
      name: refusedName,
      help: "Samples that had no room on this page since the start.",
      kind: "count",
      series: [{ labels: [], value: refused }],
    },
    {
      name: hiddenName,
      help: "Series left out because others have their name and labels.",
      kind: "gauge",
      series: [{ labels: [], value: hidden }],
    },
  ];
}

/** The first byte of the state; before there was one, the state was the totals alone, whose first byte is 1. */
const stateVersion = 2;

function writeState(totals: Totals, ages: SourceAges): Uint8Array {
  const out = new ByteWriter(4096);
  out.byte(stateVersion);
  ages.write(out);
  out.raw(totals.toBytes());
  return out.finish();
}

function readState(
  state: Uint8Array | undefined,
  seriesMax: number,
): { readonly totals: Totals; readonly ages: SourceAges } {
  if (state === undefined) {
    return { totals: new Totals(seriesMax), ages: new SourceAges() };
  }
  if (state[0] === 1) {
    return { totals: Totals.fromBytes(state, seriesMax), ages: new SourceAges() };
  }
  const input = new ByteReader(state);
  const version = input.byte();
  if (version !== stateVersion) {
    throw new Corrupt(`state of format ${version}; this program reads format ${stateVersion}`);
  }
  const ages = SourceAges.read(input);
  return { totals: Totals.fromBytes(input.raw(input.left), seriesMax), ages };
}
