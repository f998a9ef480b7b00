// Where the numbers come from: the same loop that follows the logs of a node, without its journal.
import { FileSet } from "../../access-log/follow/file-set.ts";
import { isCompressedName } from "../../access-log/follow/handle-shelf.ts";
import type { FirstStart } from "../../access-log/follow/path-slot.ts";
import { followLog } from "../../access-log/follow-log.ts";
import type { Condition } from "../../access-log/scan/where.ts";
import type { Files, Observation } from "../../core/component.ts";
import { describeError, isAbort } from "../../core/errors.ts";
import { createContext } from "../../engine/component-context.ts";
import type { Environment } from "../../engine/environment.ts";
import { bothOf } from "../_report-flags.ts";
import { findStart } from "./find-start.ts";
import type { WatchedLog } from "./open-logs.ts";
import { createTailFiles } from "./tail-files.ts";

export interface FollowOptions {
  readonly logs: readonly WatchedLog[];
  readonly environment: Environment;
  /** Length of the windows. */
  readonly everyMs: number;
  /** Begin `recent`ly: with the last minutes that are in the file. */
  readonly from: "start" | "end" | "recent";
  /** Only lines for which it holds too are counted. */
  readonly where: Condition | undefined;
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** No further window of that log is made before it has resolved. Never rejects. */
  readonly onWindow: (log: string, observation: Observation) => Promise<void>;
  /** What keeps a log from being read, in one sentence; undefined when nothing does any more. */
  readonly onProblem: (log: string, problem: string | undefined) => void;
}

/** How far back `recent` goes, in time and in bytes of each file. */
export const recentMs = 2 * 60_000;
const recentBytesMax = 16 * 1024 * 1024;
const retryMs = 1000;

/** Follows all of them until the signal aborts. Never rejects: what goes wrong with one is its problem. */
export async function followLogs(options: FollowOptions): Promise<void> {
  await Promise.all(options.logs.map((log) => followOne(log, options)));
}

async function followOne(log: WatchedLog, options: FollowOptions): Promise<void> {
  const { environment, signal } = options;
  while (!signal.aborted) {
    try {
      await tryFollow(log, options);
    } catch (error) {
      if (isAbort(error, signal)) {
        return;
      }
      options.onProblem(log.name, describeError(error));
    }
    await environment.clock.sleep(retryMs, signal).catch(() => {});
  }
}

async function tryFollow(log: WatchedLog, options: FollowOptions): Promise<void> {
  const { environment, everyMs, signal, onProblem, onWindow } = options;
  const where = bothOf(log.spec.where, options.where);
  const spec = { ...log.spec, ...(where !== undefined && { where }) };
  const sinceMs = environment.clock.now() - recentMs;
  const files =
    options.from === "recent" ? toRecent([log], sinceMs, environment.files) : environment.files;
  const report = (problem: string | undefined): void => onProblem(log.name, problem);
  const context = createContext({ ...environment, files }, signal, report);
  const first: FirstStart =
    options.from === "recent" ? { kind: "time", ms: sinceMs } : { kind: options.from };
  const { paths } = log;
  const { timeZone } = spec;
  const windows = followLog(
    { open: (saved) => new FileSet({ paths, first, timeZone }, files, saved), spec },
    { ...context, position: undefined, everyMs },
  );
  for await (const observation of windows) {
    await onWindow(log.name, observation);
  }
}

/** The files as if they began with the lines of that time; a file is one of these logs. */
export function toRecent(logs: readonly WatchedLog[], sinceMs: number, files: Files): Files {
  return createTailFiles(files, async (file, path) => {
    if (isCompressedName(path)) {
      return 0;
    }
    // Read as another log's, nothing is found before all that is allowed.
    const starts = logs.map(({ spec: { format, timeZone } }) =>
      findStart(file, { format, timeZone, sinceMs, bytesMax: recentBytesMax }),
    );
    return Math.min(...(await Promise.all(starts)));
  });
}
