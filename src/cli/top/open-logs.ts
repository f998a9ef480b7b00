// The logs that are watched: which files, and how their lines are read.
import path from "node:path";
import { detectLog, readHead } from "../../access-log/report/detect-log.ts";
import { inspectFile } from "../../access-log/report/inspect-file.ts";
import { fallbackFormat } from "../../access-log/report/file-problems.ts";
import { parseFormat } from "../../access-log/format/parse-format.ts";
import { parseSourceFormat } from "../../access-log/parse-source-format.ts";
import { toPrintable } from "../../access-log/report/render/printable.ts";
import type { ScanSpec } from "../../access-log/scan/log-scanner.ts";
import { UserError } from "../../core/errors.ts";
import type { TopWish } from "./read-top-flags.ts";

export interface WatchedLog {
  /** What it is called on the screen. */
  readonly name: string;
  readonly path: string;
  readonly spec: ScanSpec;
}

/** Of a top, so many keys a window: more than a screen has lines, and less than an archive's report keeps. */
const topEntriesMax = 200;

/**
 * Looks at each file and, where no format is given, tells it from its first lines; `note` gets what was guessed.
 * Throws UserError for a file that cannot be followed.
 */
export async function openLogs(
  wish: Pick<TopWish, "paths" | "format" | "formatOptions" | "spec">,
  note: (text: string) => void,
): Promise<readonly WatchedLog[]> {
  const logs: WatchedLog[] = [];
  const names = toShortNames(wish.paths);
  for (const [at, file] of wish.paths.entries()) {
    await refuseUnfollowable(file);
    const format = wish.format ?? (await tellFormat(file, note));
    const parse = wish.format === undefined ? parseFormat : parseSourceFormat;
    const { problem, ...found } = parse(format, wish.formatOptions);
    if (problem !== undefined || found.format === undefined) {
      throw new UserError("USAGE", `${toPrintable(file)}: ${problem}`);
    }
    const spec: ScanSpec = { ...wish.spec, ...found, limits: { topEntriesMax } };
    logs.push({ name: names[at] ?? file, path: path.resolve(file), spec });
  }
  return logs;
}

async function refuseUnfollowable(file: string): Promise<void> {
  if (file === "-") {
    throw new UserError("USAGE", "top follows files; `watchpost report -` reads standard input");
  }
  const { problem, isCompressed } = await inspectFile(file);
  if (isCompressed) {
    const hint = "nothing is appended to it any more; use `watchpost report`";
    throw new UserError("USAGE", `${toPrintable(file)} is compressed: ${hint}`);
  }
  if (problem !== undefined && problem.code !== "empty") {
    throw new UserError("USAGE", `${toPrintable(file)} ${toPrintable(problem.message)}`);
  }
}

async function tellFormat(file: string, note: (text: string) => void): Promise<string> {
  const head = await readHead(file);
  const detected = detectLog(head.bytes, { isWhole: head.isWhole });
  if (detected === undefined) {
    const reason = head.bytes.length === 0 ? "is empty" : "begins with lines in no known format";
    note(`${toPrintable(file)} ${reason}: read as ${fallbackFormat}; say otherwise by --format`);
    return fallbackFormat;
  }
  return detected.format;
}

/** As short as tells them apart: the names of files, or the paths when some have the same name. */
function toShortNames(paths: readonly string[]): readonly string[] {
  const names = paths.map((one) => path.basename(one));
  return new Set(names).size === paths.length ? names : paths;
}
