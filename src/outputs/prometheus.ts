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
      .describe(
        "Series beyond this number are left out; their samples are counted on the page, in " +
          "`watchpost_page_refused_samples_total`.",
      ),
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
            "# TYPE watchpost_page_refused_samples_total counter",
            "watchpost_page_refused_samples_total 0",
            "",
          ].join("\n"),
        },
      },
    },
  ],

  async open({ path, seriesMax }, { state }) {
    const totals = state === undefined ? new Totals(seriesMax) : Totals.fromBytes(state, seriesMax);
    return {
      async write(batches, signal) {
        signal.throwIfAborted();
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

interface Family {
  readonly kind: Total["kind"];
  readonly lines: string[];
  /** The label texts of its series: names that differ before they were made legal may be the same after. */
  readonly series: Set<string>;
}

/** Samples that had no room. The page is about all sources; this line alone is about the page. */
const refusedName = "watchpost_page_refused_samples_total";

/**
 * The text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): the lines of a metric
 * stand together below one TYPE line, and each series occurs once. Of metrics or series that would be the same, the
 * first is served: one name for different kinds, `a.b` beside `a_b`, a counter `x_sum` beside a histogram `x`.
 */
function toText(totals: Totals): string {
  const families = new Map<string, Family>();
  const taken = new Set([refusedName]);
  for (const total of totals.list()) {
    const name = toLegalName(total.name);
    const family = families.get(name) ?? addFamily(families, taken, name, total.kind);
    const labels = toLabelText(total);
    if (family?.kind === total.kind && !family.series.has(labels)) {
      family.series.add(labels);
      writeLines(family.lines, name, labels, total);
    }
  }
  let text = "";
  for (const [name, { kind, lines }] of families) {
    text += `# TYPE ${name} ${{ count: "counter", gauge: "gauge", distribution: "histogram" }[kind]}\n`;
    text += `${lines.join("\n")}\n`;
  }
  return `${text}# TYPE ${refusedName} counter\n${refusedName} ${totals.refused}\n`;
}

/** Undefined when another family has one of the names that its lines would begin with. */
function addFamily(
  families: Map<string, Family>,
  taken: Set<string>,
  name: string,
  kind: Total["kind"],
): Family | undefined {
  const suffixes = kind === "distribution" ? ["", "_bucket", "_sum", "_count"] : [""];
  const names = suffixes.map((suffix) => `${name}${suffix}`);
  if (names.some((each) => taken.has(each))) {
    return undefined;
  }
  names.forEach((each) => taken.add(each));
  const family = { kind, lines: [], series: new Set<string>() };
  families.set(name, family);
  return family;
}

function writeLines(lines: string[], name: string, labels: string, total: Total): void {
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

const ownLabels = ["source", "service", "le"];

/** A label that is called as one of ours gets the prefix that Prometheus itself gives in that case. */
function toLabelText({ source, service, labels }: Total): string {
  let text = `source="${escapeValue(source)}"`;
  if (service !== "") {
    text += `,service="${escapeValue(service)}"`;
  }
  const taken = new Set(ownLabels);
  for (const [label, value] of Object.entries(labels)) {
    let name = toLegalName(label).replaceAll(":", "_");
    while (taken.has(name)) {
      name = `exported_${name}`;
    }
    taken.add(name);
    text += `,${name}="${escapeValue(value)}"`;
  }
  return text;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Metric names are [a-zA-Z_:][a-zA-Z0-9_:]*; anything else becomes an underscore. */
function toLegalName(name: string): string {
  const legal = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_");
  return /^(?:[0-9]|$)/.test(legal) ? `_${legal}` : legal;
}

function toNumberText(value: number): string {
  if (value === Infinity) {
    return "+Inf";
  }
  return value === -Infinity ? "-Inf" : String(value);
}
