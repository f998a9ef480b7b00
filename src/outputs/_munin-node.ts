// What a Munin node says (guide.munin-monitoring.org, "Data exchange between master and node"), without the socket.
import type { MetricDefinition } from "../core/component.ts";
import {
  elfstatsMetrics,
  elfstatsPlugins,
  hasElfstats,
  toElfstatsPlugins,
} from "./_munin-elfstats.ts";
import {
  type Graph,
  LegalNames,
  type Plugin,
  createGraphNames,
  toConfigLines,
  toValueLines,
} from "./_munin-graph.ts";
import type { Masters } from "./_munin-masters.ts";
import { toMetricGraphs } from "./_munin-metric-graphs.ts";
import type { Point, Spool, SpooledSource } from "./_munin-spool.ts";

/** `spool`: everything since the last time at once; `dirtyconfig`: values with the configuration; `plain`: neither. */
export type MuninMode = "spool" | "dirtyconfig" | "plain";

export interface MuninNodeOptions {
  readonly name: string;
  readonly mode: MuninMode;
  readonly resolutionS: number | undefined;
  /** The source whose elfstats graphs have no suffix. */
  readonly primary: string | undefined;
  readonly spool: Spool;
  readonly masters: Masters;
  readonly describe: (metric: string) => MetricDefinition | undefined;
}

/** One connection. */
export interface MuninSession {
  readonly greeting: string;
  /** The answer to a line, in pieces; undefined when the connection is to be closed. */
  answer(line: string): Iterable<string> | undefined;
}

/** `fetch` tells of so long back: longer than the five minutes after which a master comes again, be it late. */
export const fetchedS = 600;

const end = ".\n";

export function createMuninSession(options: MuninNodeOptions, peer: string): MuninSession {
  const { name, mode } = options;
  const offered = [
    "multigraph",
    ...{ plain: [], dirtyconfig: [dirty], spool: [dirty, "spool"] }[mode],
  ];
  let accepted: ReadonlySet<string> = new Set();

  function answer(line: string): Iterable<string> | undefined {
    const [, command = "", argument = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
    switch (command.toLowerCase()) {
      case "cap":
        accepted = new Set(argument.split(/\s+/).filter((word) => offered.includes(word)));
        return [`cap ${offered.join(" ")}\n`];
      case "list": {
        // Every plugin of ours has several graphs, which is hidden from who does not expect that.
        const plugins = accepted.has("multigraph") ? toPlugins(options) : [];
        return [`${plugins.map((plugin) => plugin.name).join(" ")}\n`];
      }
      case "nodes":
        return [`${name}\n`, end];
      case "version":
        return [`munins node on ${name} version: watchpost\n`];
      case "config":
        return tellPlugin(options, argument, [
          toConfig,
          ...(accepted.has(dirty) ? [toValues] : []),
        ]);
      case "fetch":
        return tellPlugin(options, argument, [toValues]);
      case "spoolfetch":
        return mode === "spool" && /^\d{1,15}$/.test(argument)
          ? tellSpool(options, peer, Number(argument))
          : [unknown];
      case "quit":
      case ".":
        return undefined;
      default:
        return [unknown];
    }
  }

  return { greeting: `# munin node at ${name}\n`, answer };
}

const dirty = "dirtyconfig";
const unknown = "# Unknown command. Try cap, list, nodes, config, fetch, version or quit\n";

type Part = (options: MuninNodeOptions, graph: Graph) => string;

const toConfig: Part = ({ resolutionS }, graph) => toConfigLines(graph, resolutionS);

/** `multigraph` again, since a master goes by the last one that it read. */
const toValues: Part = ({ spool }, graph) => {
  const newestS = toNewestS(spool);
  const points = graph.source.points.filter(({ atS }) => atS > newestS - fetchedS);
  return `multigraph ${graph.name}\n${toValueLines(graph, points)}`;
};

function* tellPlugin(
  options: MuninNodeOptions,
  wanted: string,
  parts: readonly Part[],
): Generator<string> {
  const graphs = toPlugins(options).find(({ name }) => name === wanted)?.graphs;
  if (graphs !== undefined) {
    for (const graph of graphs) {
      yield parts.map((part) => part(options, graph)).join("");
    }
  } else {
    yield parts.includes(toConfig) && isElfstats(wanted)
      ? noDataGraph(wanted)
      : "# Unknown service\n";
  }
  yield end;
}

function* tellSpool(options: MuninNodeOptions, peer: string, afterS: number): Generator<string> {
  const { spool, masters, resolutionS } = options;
  const { serial } = spool;
  const newestS = toNewestS(spool);
  const afterSerial = masters.ask(peer, afterS, newestS);
  const plugins = toPlugins(options);
  let atS = 0;
  for (const graph of plugins.flatMap(({ graphs }) => graphs)) {
    const points = toNews(graph.source, afterS, afterSerial);
    atS = Math.max(atS, points.at(-1)?.atS ?? 0);
    yield toConfigLines(graph, resolutionS) + toValueLines(graph, points);
  }
  if (plugins.length === 0) {
    yield noDataGraph("watchpost");
  }
  yield end;
  // A master that gets nothing asks again as it did.
  masters.told(peer, { atS: atS === 0 ? afterS : atS, serial });
}

/**
 * What a master has not been told. Where that is not known, it is told the latest again, which it passes over: but only
 * together with something newer, since it takes nothing new at all for a mistake.
 */
function toNews(
  { points }: SpooledSource,
  afterS: number,
  afterSerial: number | undefined,
): readonly Point[] {
  if (afterSerial !== undefined) {
    return points.filter(({ serial }) => serial > afterSerial);
  }
  const hasNewer = (points.at(-1)?.atS ?? 0) > afterS;
  return hasNewer ? points.filter(({ atS }) => atS > afterS - fetchedS) : [];
}

export function toNewestS({ sources }: Spool): number {
  return Math.max(0, ...[...sources].map(({ points }) => points.at(-1)?.atS ?? 0));
}

function toPlugins({ spool, primary, describe }: MuninNodeOptions): readonly Plugin[] {
  const graphNames = createGraphNames();
  const pluginNames = new LegalNames(/[^A-Za-z0-9_]/g);
  // With a single point, the distance between points is not known, and an RRD's step could turn out too short.
  const sources = [...spool.sources].filter(({ points }) => points.length > 1);
  const elfstats = sources
    .filter(hasElfstats)
    .flatMap((source) =>
      toElfstatsPlugins({ source, isPrimary: source.id === primary, graphNames }),
    );
  const merged = elfstatsPlugins.map((name) => ({
    name,
    graphs: elfstats.filter((plugin) => plugin.name === name).flatMap(({ graphs }) => graphs),
  }));
  const others = sources.map((source) => {
    const isDrawn = hasElfstats(source) ? elfstatsMetrics : new Set<string>();
    const columns = source.columns.filter(({ name }) => !isDrawn.has(name));
    const graphs = toMetricGraphs({ source, columns, describe, graphNames });
    return { name: pluginNames.take(`watchpost_${source.id}`), graphs };
  });
  return [...merged, ...others].filter(({ graphs }) => graphs.length > 0);
}

function isElfstats(name: string): boolean {
  return elfstatsPlugins.some((known) => known === name);
}

/** What the plugins of elfstats say while there is nothing to draw. */
function noDataGraph(plugin: string): string {
  const what = plugin.replace(/^elfstatsm_/, "");
  const name = what === "percentiles" ? "percentile" : what;
  const words = what.replaceAll("_", " ");
  const title = `${words.slice(0, 1).toUpperCase()}${words.slice(1)} - no data available`;
  const graph = plugin === "watchpost" ? "watchpost_no_data" : `elfstats_${name}_no_data`;
  const category = plugin === "watchpost" ? "watchpost" : `elfstats_${toCategoryEnd(what)}`;
  return `multigraph ${graph}\ngraph_title ${title}\ngraph_category ${category}\ngraph_info No data\n`;
}

function toCategoryEnd(what: string): string {
  return what.replace("response_", "resp_");
}
