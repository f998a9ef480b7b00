import type { Command, Given } from "./command.ts";
import { textFlag } from "./command.ts";
import type { NodeAddress } from "./_ask-node.ts";

export const query: Command = {
  name: "query",
  summary: "Asks a running node for measurements over time.",
  args: { "<selector>": "which series, such as 'http_requests_total{source=\"shop\"}'" },
  flags: {
    "--since <time>": "from when: an instant, or how long ago (default: 1h)",
    "--until <time>": "to when (default: now)",
    "--step <duration>": "spacing of the rows (default: fits a screen)",
    "--aggregate <name>":
      "rate, sum, avg, min, max, count, quantile or distinct (default: what suits the metric)",
    "--quantile <shares>": "such as 0.5,0.99",
    "--by <labels>": "labels to keep apart, such as group,status",
    "--json": "as the API answers",
    "--csv": "as comma-separated values",
    "-c, --config <file>": "the node's configuration file (default: watchpost.yml)",
    "--url <address>":
      "the node's address, instead of a configuration file; its token in WATCHPOST_TOKEN",
  },

  async run(given, terminal) {
    const { askNode, findNode } = await import("./_ask-node.ts");
    const { queryAnswer, toCsv, toTable } = await import("./_query-table.ts");
    const node = await findNode(given, terminal);
    const parameters = await toParameters(given, node);
    const answer = await askNode(node, "query", parameters);
    if (given.flags["json"] === true) {
      await terminal.print(`${JSON.stringify(answer)}\n`);
      return 0;
    }
    const parsed = queryAnswer.parse(answer);
    if (parsed.series.length === 0) {
      terminal.note(`${await describeNothing(parameters, node)}\n`);
      return 1;
    }
    if (given.flags["csv"] === true) {
      await terminal.print(toCsv(parsed));
      return 0;
    }
    const { select = "", aggregate = "" } = parameters;
    await terminal.print(`${select}, ${meanings[aggregate] ?? aggregate}\n\n${toTable(parsed)}`);
    return 0;
  },
};

const rowsWanted = 24;

/** What stands above the table. */
const meanings: Readonly<Record<string, string>> = {
  rate: "per second",
  quantile: "quantiles",
  distinct: "different ones",
  avg: "average",
};

/** Why there is nothing: a name that nobody measures, or a time in which nothing was. */
async function describeNothing(
  { select = "", from = "", to = "" }: Readonly<Record<string, string>>,
  node: NodeAddress,
): Promise<string> {
  const { askNode } = await import("./_ask-node.ts");
  const { z } = await import("zod");
  const known = z.object({ series: z.array(z.object({ metric: z.string() })) });
  const { series } = known.parse(await askNode(node, "series", { from, to }));
  const names = [...new Set(series.map(({ metric }) => metric))].toSorted();
  const [asked = ""] = select.split("{", 1);
  return names.includes(asked.trim())
    ? `nothing that fits ${select} was measured in this range`
    : `no metric is called ${asked.trim()} in this range; there are ${names.join(", ") || "none"}`;
}

async function toParameters(given: Given, node: NodeAddress): Promise<Record<string, string>> {
  const select = given.args[0] ?? "";
  const from = textFlag(given, "since") ?? "1h";
  const quantile = textFlag(given, "quantile");
  const aggregate =
    textFlag(given, "aggregate") ??
    (quantile === undefined ? await chooseAggregate(select, from, node) : "quantile");
  return {
    select,
    from,
    to: textFlag(given, "until") ?? "",
    aggregate,
    step: textFlag(given, "step") ?? "",
    points: String(rowsWanted),
    quantile: aggregate === "quantile" ? (quantile ?? "0.5,0.9,0.99") : "",
    by: textFlag(given, "by") ?? "",
  };
}

const aggregateOfKind: Readonly<Record<string, string>> = {
  count: "rate",
  gauge: "avg",
  distribution: "quantile",
  distinct: "distinct",
};

/** What people mostly want of a metric, by its kind. */
async function chooseAggregate(select: string, from: string, node: NodeAddress): Promise<string> {
  const { askNode } = await import("./_ask-node.ts");
  const { z } = await import("zod");
  const known = z.object({ series: z.array(z.object({ kind: z.string() })) });
  const { series } = known.parse(await askNode(node, "series", { select, from }));
  return aggregateOfKind[series[0]?.kind ?? ""] ?? "avg";
}
