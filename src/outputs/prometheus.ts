import { z } from "zod";
import { defineOutput } from "../core/component.ts";
import { type Total, Totals } from "../core/totals.ts";
import { exampleBatch } from "./_example-batch.ts";

/** Powers of two are bucket boundaries of every distribution, so that these counts are exact: 1/1024 s to 64 s. */
const secondsBounds = Array.from({ length: 17 }, (_, i) => 2 ** (i - 10));
/** For sizes and everything else: 1 to 2^30. */
const otherBounds = Array.from({ length: 16 }, (_, i) => 4 ** i);

export const prometheus = defineOutput({
  name: "prometheus",
  summary: "Serves every metric as a page that Prometheus scrapes.",
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
      .describe("Series beyond this number are left out and counted."),
  }),
  examples: [
    {
      title: "Counts as counters since the first start, distributions as histograms",
      options: {},
      batches: [exampleBatch],
      expect: {
        routes: {
          "/metrics": [
            "# TYPE http_requests_total counter",
            'http_requests_total{source="shop",service="web",group="api",status="200"} 2',
            "# TYPE http_request_duration_seconds histogram",
            ...secondsBounds.map((bound) => {
              const below = bound < 0.25 ? 0 : bound < 0.5 ? 1 : 2;
              return `http_request_duration_seconds_bucket{source="shop",service="web",group="api",le="${bound}"} ${below}`;
            }),
            'http_request_duration_seconds_bucket{source="shop",service="web",group="api",le="+Inf"} 2',
            'http_request_duration_seconds_sum{source="shop",service="web",group="api"} 0.75',
            'http_request_duration_seconds_count{source="shop",service="web",group="api"} 2',
            "# TYPE check_up gauge",
            'check_up{source="shop",service="web"} 1',
            "",
          ].join("\n"),
        },
      },
    },
  ],

  async open({ path, seriesMax }, { state }) {
    const totals = state === undefined ? new Totals(seriesMax) : Totals.fromBytes(state, seriesMax);
    return {
      async write(batches) {
        for (const batch of batches) {
          totals.add(batch);
        }
      },
      state: () => totals.toBytes(),
      routes: [
        {
          path,
          summary: "All metrics in the Prometheus text format 0.0.4.",
          handle: async () => ({
            status: 200,
            headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
            body: toText(totals),
          }),
        },
      ],
      async [Symbol.asyncDispose]() {},
    };
  },
});

/**
 * The text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): the lines of a metric
 * stand together below one TYPE line. A name that several sources use for different kinds keeps the first kind's lines.
 */
function toText(totals: Totals): string {
  const families = new Map<string, { readonly kind: Total["kind"]; readonly lines: string[] }>();
  for (const total of totals.list()) {
    const name = toLegalName(total.name);
    let family = families.get(name);
    if (family === undefined) {
      family = { kind: total.kind, lines: [] };
      families.set(name, family);
    }
    if (family.kind === total.kind) {
      writeLines(family.lines, name, total);
    }
  }
  let text = "";
  for (const [name, { kind, lines }] of families) {
    text += `# TYPE ${name} ${{ count: "counter", gauge: "gauge", distribution: "histogram" }[kind]}\n`;
    text += `${lines.join("\n")}\n`;
  }
  return text;
}

function writeLines(lines: string[], name: string, total: Total): void {
  const labels = toLabelText(total);
  if (total.kind !== "distribution") {
    lines.push(`${name}{${labels}} ${toNumberText(total.value)}`);
    return;
  }
  const bounds = name.endsWith("_seconds") ? secondsBounds : otherBounds;
  for (const [i, below] of total.value.cumulative(bounds).entries()) {
    lines.push(`${name}_bucket{${labels},le="${bounds[i]}"} ${below}`);
  }
  lines.push(
    `${name}_bucket{${labels},le="+Inf"} ${total.value.count}`,
    `${name}_sum{${labels}} ${toNumberText(total.value.sum)}`,
    `${name}_count{${labels}} ${total.value.count}`,
  );
}

function toLabelText({ source, service, labels }: Total): string {
  const own: [string, string][] = [["source", source]];
  if (service !== "") {
    own.push(["service", service]);
  }
  return [...own, ...Object.entries(labels)]
    .map(([label, value]) => `${toLegalName(label).replaceAll(":", "_")}="${escapeValue(value)}"`)
    .join(",");
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Metric names are [a-zA-Z_:][a-zA-Z0-9_:]*; anything else becomes an underscore. */
function toLegalName(name: string): string {
  const legal = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_");
  return /^[0-9]/.test(legal) ? `_${legal}` : legal;
}

function toNumberText(value: number): string {
  if (value === Infinity) {
    return "+Inf";
  }
  return value === -Infinity ? "-Inf" : String(value);
}
