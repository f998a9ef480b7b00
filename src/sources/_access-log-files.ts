// The options of an access log that say which files it is in.
import { z } from "zod";
import type { FileSetOptions } from "../access-log/follow/file-set.ts";
import { parsePathPattern } from "../access-log/follow/path-pattern.ts";
import type { FirstStart } from "../access-log/follow/path-slot.ts";
import { filePath, oneOrMore, size } from "../core/options.ts";

const lineMaxBytesMin = 1024;
const lineMaxBytesMax = 16 * 1024 * 1024;

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Spread into the options of the source. */
export const fileOptions = {
  files: oneOrMore(filePath().superRefine(checkPattern))
    .refine((paths) => paths.length > 0, "is empty; name at least one file")
    .describe(
      "Path of the log, or a list of paths. They may have the patterns `*`, `?`, `[a-z]`, `{a,b}` " +
        "and `**` (folders), and parts of a date: `access-%Y-%m-%d.log` (`%H`, `%M`, `%y`, `%j` as " +
        "well). A named pipe, or `-` for standard input, is read as it comes and cannot be resumed. " +
        "Files may be renamed, replaced, truncated or compressed at any time.",
    ),
  from: z
    .string()
    .refine((text) => parseFrom(text) !== undefined, {
      error: "is not a place to begin; write end, start, or a time such as 2026-11-20T10:00:00Z",
    })
    .meta({ pattern: "^(?:end|start|\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}.*)$" })
    .default("end")
    .describe(
      "Where to begin in files that are there at the very first start: `end`, `start`, or a time: " +
        "lines of that time and later count. Afterwards every line is counted exactly once.",
    ),
  backfill: z
    .boolean()
    .optional()
    .describe(
      "The very first start reads the files from their start, and before them the older " +
        "generations beside them (`access.log.1`, `access.log-20261120.gz`), the oldest first. " +
        "Incidents of that time are recorded without a notice.",
    ),
  lineMax: size()
    .refine(
      (bytes) => bytes >= lineMaxBytesMin && bytes <= lineMaxBytesMax,
      "is out of range; write 1 KiB to 16 MiB",
    )
    .optional()
    .describe("Longer lines are counted as too long and not looked at; 64 KiB when left out."),
};

export interface GivenFiles {
  readonly files: readonly string[];
  readonly from: string;
  readonly backfill?: boolean | undefined;
  readonly lineMax?: number | undefined;
  readonly timeZone?: string | undefined;
}

/** Of options that are valid. */
export function toFileSetOptions(given: GivenFiles): FileSetOptions {
  const { files, from, backfill = false, lineMax, timeZone } = given;
  return {
    paths: files,
    first: parseFrom(from) ?? { kind: "end" },
    isBackfill: backfill,
    timeZone,
    lineMaxBytes: lineMax,
  };
}

function parseFrom(text: string): FirstStart | undefined {
  if (text === "end" || text === "start") {
    return { kind: text };
  }
  const ms = instant.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : { kind: "time", ms };
}

function checkPattern(text: string, context: z.RefinementCtx): void {
  const { problem } = parsePathPattern(text);
  if (problem !== undefined) {
    context.addIssue({ code: "custom", message: problem });
  }
}
