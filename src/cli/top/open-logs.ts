// The logs that are watched: which files, and how their lines are read.
import path from "node:path";
import { detectLog, readHead } from "../../access-log/report/detect-log.ts";
import { inspectFile } from "../../access-log/report/inspect-file.ts";
import { fallbackFormat } from "../../access-log/report/file-problems.ts";
import { parseFormat } from "../../access-log/format/parse-format.ts";
import { type SourceFormat, parseSourceFormat } from "../../access-log/parse-source-format.ts";
import { toPrintable } from "../../access-log/report/render/printable.ts";
import type { ScanSpec } from "../../access-log/scan/log-scanner.ts";
import { UserError } from "../../core/errors.ts";
import type { FormatResult } from "../../access-log/format/format-result.ts";
import { toPlainPattern } from "../../access-log/follow/path-pattern.ts";
import { standardInput } from "../../access-log/report/scan-request.ts";
import type { TopWish } from "./read-top-flags.ts";

export interface WatchedLog {
  /** What it is called on the screen. */
  readonly name: string;
  /** Patterns, or `-`, as FileSet takes them. */
  readonly paths: readonly string[];
  readonly spec: ScanSpec;
}

type LogWish = Pick<TopWish, "paths" | "format" | "formatOptions" | "spec">;

/** Of a top, so many keys a window: more than a screen has lines, and less than an archive's report keeps. */
const topEntriesMax = 200;

/**
 * Files that were named one by one. Each is looked at and, where no format is given, is told by its first lines; `note`
 * gets what was guessed. Throws UserError for a file that cannot be followed.
 */
export async function openLogs(
  wish: LogWish,
  note: (text: string) => void,
): Promise<readonly WatchedLog[]> {
  const logs: WatchedLog[] = [];
  const names = toShortNames(wish.paths);
  for (const [at, file] of wish.paths.entries()) {
    const isStream = await refuseUnfollowable(file);
    const format = wish.format ?? (await tellFormat(file, isStream, note));
    const parse = wish.format === undefined ? parseFormat : parseSourceFormat;
    const paths = [file === standardInput ? file : toPlainPattern(path.resolve(file))];
    const found = parse(format, wish.formatOptions);
    logs.push({ name: names[at] ?? file, paths, spec: toSpec(wish, found) });
  }
  return logs;
}

/** The log of a source: whatever its patterns name, also what is not there yet. Throws UserError. */
export function toSourceLog(name: string, wish: LogWish): WatchedLog {
  const found = parseSourceFormat(wish.format ?? fallbackFormat, wish.formatOptions);
  return { name, paths: wish.paths, spec: toSpec(wish, found) };
}

function toSpec(wish: LogWish, { problem, ...found }: FormatResult | SourceFormat): ScanSpec {
  if (problem !== undefined || found.format === undefined) {
    throw new UserError("USAGE", `--format: ${problem}`);
  }
  const { format } = found;
  const fallback = "fallback" in found ? found.fallback : undefined;
  const limits = { topEntriesMax };
  return { ...wish.spec, format, ...(fallback !== undefined && { fallback }), limits };
}

/** Resolves to whether it is a pipe, which cannot be looked at without taking from it. */
async function refuseUnfollowable(file: string): Promise<boolean> {
  const { problem, isCompressed, sizeBytes } = await inspectFile(file);
  if (isCompressed) {
    const hint = "nothing is appended to it any more; use `watchpost report`";
    throw new UserError("USAGE", `${toPrintable(file)} is compressed: ${hint}`);
  }
  if (problem !== undefined && problem.code !== "empty") {
    throw new UserError("USAGE", `${toPrintable(file)} ${toPrintable(problem.message)}`);
  }
  return sizeBytes === undefined;
}

async function tellFormat(
  file: string,
  isStream: boolean,
  note: (text: string) => void,
): Promise<string> {
  const head = isStream ? undefined : await readHead(file);
  const detected = head && detectLog(head.bytes, { isWhole: head.isWhole });
  if (detected === undefined) {
    const name = file === standardInput ? "standard input" : toPrintable(file);
    note(`${name}: no format can be told, read as ${fallbackFormat}; say otherwise by --format`);
    return fallbackFormat;
  }
  return detected.format;
}

/** As short as tells them apart: the names of files, or the paths when some have the same name. */
function toShortNames(paths: readonly string[]): readonly string[] {
  const names = paths.map((one) => path.basename(one));
  return new Set(names).size === paths.length ? names : paths;
}
