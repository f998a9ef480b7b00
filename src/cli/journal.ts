import type { JournalStatus } from "../journal/journal.ts";
import { toInstant } from "../core/batch-json.ts";
import { toDurationText, toSizeText } from "../core/units.ts";
import type { Command } from "./command.ts";
import { textFlag } from "./command.ts";

export const journal: Command = {
  name: "journal",
  summary:
    "Prints the journal's head, size, sources and readers with their lag; also while a node runs.",
  flags: {
    "-c, --config <file>": "the configuration file (default: watchpost.yml)",
    "--json": "as one JSON object",
  },

  async run(given, terminal) {
    const { loadNodeConfig } = await import("./_node.ts");
    const { dataFiles } = await import("../engine/data-folder.ts");
    const { openSqliteJournal } = await import("../journal/sqlite.ts");
    const config = await loadNodeConfig(textFlag(given, "config") ?? "watchpost.yml", terminal);
    const { journalFile: file } = dataFiles(config.data);
    const { now } = terminal.environment.clock;
    await using opened = openSqliteJournal({ file, now, readOnly: true });
    const status = await opened.status();
    const isJson = given.flags.json === true;
    await terminal.print(isJson ? `${JSON.stringify(status, undefined, 2)}\n` : toText(status));
    return 0;
  },
};

function toText(status: JournalStatus): string {
  const { epoch, head, batches, sizeBytes, oldestAt, newestAt, sources, readers } = status;
  const span = [oldestAt, newestAt].map((at) => (at === undefined ? "never" : toInstant(at)));
  const rows = [
    ["head", head],
    ["epoch", epoch],
    ["batches", `${batches}, ${toSizeText(sizeBytes)}`],
    ["written", span.join(" to ")],
  ];
  return [
    ...rows.map(([name = "", value = ""]) => `${name.padEnd(10)}${value}\n`),
    "\n",
    toTable(
      ["SOURCE", "LAST BATCH"],
      sources.map(({ source, seq }) => [source, String(seq)]),
    ),
    "\n",
    toTable(
      ["READER", "BATCHES BEHIND", "BEHIND SINCE"],
      readers.map(({ name, lag }) => [
        name,
        String(lag.batches),
        lag.batches === 0 ? "-" : toDurationText(Math.round(lag.ms)),
      ]),
    ),
  ].join("");
}

/** Columns as wide as their widest cell. */
function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
