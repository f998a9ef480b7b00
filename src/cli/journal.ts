import type { JournalStatus } from "../journal/journal.ts";
import { toInstant } from "../core/batch-json.ts";
import { toDurationText, toSizeText } from "../core/units.ts";
import { UserError } from "../core/errors.ts";
import type { Command, Given, Terminal } from "./command.ts";
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
    const config = await loadNodeConfig(
      textFlag(given, "config") ?? "watchpost.yml",
      terminal,
      "leave",
    );
    const { journalFile: file } = dataFiles(config.data);
    const { now } = terminal.environment.clock;
    await using opened = openSqliteJournal({ file, now, readOnly: true });
    const status = await opened.status();
    const running = await askReaders(given, terminal);
    const readers = running ?? status.readers.map(({ name, lag }) => ({ name, ...toFlat(lag) }));
    const known = { ...status, readers, isRunning: running !== undefined };
    const isJson = given.flags["json"] === true;
    await terminal.print(isJson ? `${JSON.stringify(known, undefined, 2)}\n` : toText(known));
    return 0;
  },
};

interface ReaderLag {
  readonly name: string;
  readonly lagBatches: number;
  readonly lagMs: number;
  readonly lastError?: string | null;
}

type KnownJournal = Omit<JournalStatus, "readers"> & {
  readonly readers: readonly ReaderLag[];
  readonly isRunning: boolean;
};

function toFlat({ batches, ms }: { readonly batches: number; readonly ms: number }): {
  readonly lagBatches: number;
  readonly lagMs: number;
} {
  return { lagBatches: batches, lagMs: ms };
}

/** As the running node knows them; undefined when none answers. The file has only what is committed. */
async function askReaders(
  given: Given,
  terminal: Terminal,
): Promise<readonly ReaderLag[] | undefined> {
  const { askNode, findNode } = await import("./_ask-node.ts");
  const { readersReply } = await import("../server/routes/readers.ts");
  try {
    return readersReply.parse(await askNode(await findNode(given, terminal), "readers", {}))
      .readers;
  } catch (error) {
    if (error instanceof UserError) {
      return undefined;
    }
    throw error;
  }
}

function toText(status: KnownJournal): string {
  const { epoch, head, batches, sizeBytes, oldestAt, newestAt, sources, readers, isRunning } =
    status;
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
      ["READER", "BATCHES BEHIND", "FOR", "PROBLEM"],
      readers.map(({ name, lagBatches, lagMs, lastError }) => [
        name,
        String(lagBatches),
        lagBatches === 0 ? "-" : toDurationText(Math.round(lagMs / 1000) * 1000),
        lastError ?? "",
      ]),
    ),
    isRunning ? "" : "\nNo node is running: readers are as they were when it stopped.\n",
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
