import type { DetectedFormat } from "../access-log/format/detect-format.ts";
import type { Command } from "./command.ts";

const detect: Command = {
  name: "detect",
  summary:
    "Names the format of a log, says how sure that is, and prints the configuration to paste.",
  args: { "<file>": "plain, gzip or zstd; - is standard input" },
  flags: { "--json": "as one JSON object, with the other formats that fit" },

  async run({ args, flags }, terminal) {
    const { detectLogs, readHead } = await import("../access-log/report/detect-log.ts");
    const { toStreamProblem } = await import("../access-log/report/file-problems.ts");
    const { UserError } = await import("../core/errors.ts");
    const [file = ""] = args;
    const { bytes, isWhole } = await readHead(file).catch((error: unknown) => {
      throw new UserError("NOT_FOUND", `${file} ${toStreamProblem(error).message}`);
    });
    const found = detectLogs(bytes, isWhole);
    if (flags["json"] === true) {
      await terminal.print(`${JSON.stringify(toAnswer(file, found))}\n`);
    } else if (found.length > 0) {
      await terminal.print(await toText(file, found));
    }
    if (found.length === 0) {
      const why = bytes.length === 0 ? "is empty" : "is in no known format";
      terminal.note(`${file} ${why}\n`);
      return 1;
    }
    return 0;
  },
};

export const formats: Command = {
  name: "formats",
  summary: "Lists the formats of access logs that can be named, and the languages of others.",
  flags: { "--json": "as one JSON object" },
  commands: [detect],

  async run({ flags }, { print }) {
    const { formatNames, formatPrefixes } = await import("../access-log/format/parse-format.ts");
    if (flags["json"] === true) {
      await print(`${JSON.stringify({ names: formatNames, languages: formatPrefixes })}\n`);
      return 0;
    }
    const names = Object.entries(formatNames);
    const languages = Object.entries(formatPrefixes).map(
      ([prefix, meaning]) => [`${prefix}:`, meaning] as const,
    );
    const width = Math.max(...[...names, ...languages].map(([name]) => name.length));
    const toLine = ([name, meaning]: readonly [string, string]): string =>
      `  ${name.padEnd(width)}  ${meaning}\n`;
    await print(
      [
        "By name:\n",
        ...names.map(toLine),
        "\nAs the server's own configuration has it; mostly the language shows, else say it in front:\n",
        ...languages.map(toLine),
        "\n`watchpost formats detect FILE` tells the format of a log.\n",
      ].join(""),
    );
    return 0;
  },
};

function toAnswer(file: string, found: readonly DetectedFormat[]): object {
  const [best] = found;
  return {
    file,
    format: best?.format ?? null,
    share: best?.share ?? 0,
    fields: best?.fields ?? [],
    remarks: best?.remarks ?? [],
    configuration: best === undefined ? null : toSample(file, best),
    others: found.slice(1).map(({ format, share }) => ({ format, share })),
  };
}

async function toText(file: string, found: readonly DetectedFormat[]): Promise<string> {
  const { toShareText } = await import("../access-log/report/render/quantities.ts");
  const { toSureText } = await import("./_report-notes.ts");
  const [best, ...others] = found;
  if (best === undefined) {
    return "";
  }
  const rivals = others.filter(({ share }) => share >= best.share / 2);
  const rows = [
    ["format", best.format],
    ["sure", toSureText(best.share)],
    ["fields", best.fields.join(", ")],
    ...best.remarks.map((remark) => ["note", remark]),
    ...rivals.map(({ format, share }) => ["or", `${format} (fits ${toShareText(share, 1)})`]),
  ];
  const lines = rows.map(([name = "", value = ""]) => `${name.padEnd(8)}${value}\n`);
  return `${lines.join("")}\n${toSample(file, best)}`;
}

/** The configuration to paste, with the file's own name in it. */
function toSample(file: string, { sample }: DetectedFormat): string {
  return file === "-" ? sample : sample.replace("/path/to/access.log", () => JSON.stringify(file));
}
