// The rules of a configuration over its own logs, in this process and nowhere else: nothing is stored, no notice is
// sent, no output written. A filter on the screen does not touch them.
import { Engine } from "../../engine/engine.ts";
import type { Environment } from "../../engine/environment.ts";
import { type NodeConfig, parts } from "../../engine/parts.ts";
import { openSqliteHistory } from "../../history/sqlite.ts";
import type { Cursor } from "../../journal/journal.ts";
import { createMemoryJournal } from "../../journal/memory.ts";
import type { Incident } from "../../rules/incident.ts";
import { recentMs, toRecent } from "./follow-logs.ts";
import type { WatchedLog } from "./open-logs.ts";
import type { TopWish } from "./read-top-flags.ts";

export interface WatchedRules extends AsyncDisposable {
  /** Newest first. */
  incidents(): readonly Incident[];
  /** They have seen what was in the logs when they were started. */
  readonly isCaughtUp: boolean;
}

export interface RulesPlan {
  readonly config: NodeConfig;
  readonly logs: readonly WatchedLog[];
  readonly from: TopWish["from"];
  readonly environment: Environment;
}

const incidentsMax = 200;
/** Nobody looks back: rules keep their own windows. */
const keptMs = 60_000;
const keptBytes = 64 * 1024 * 1024;

/** Starts them; they have the same lines before them as the screen has. */
export async function watchRules({
  config,
  logs,
  from,
  environment,
}: RulesPlan): Promise<WatchedRules> {
  const { now } = environment.clock;
  const startedMs = now();
  const sinceMs = startedMs - recentMs;
  const isRecent = from === "recent";
  const files = isRecent ? toRecent(logs, sinceMs, environment.files) : environment.files;
  await using started = new AsyncDisposableStack();
  const journal = started.use(createMemoryJournal({ now }));
  const levels = [{ stepMs: 10_000, ageMs: keptMs }];
  const history = started.use(openSqliteHistory<Cursor>({ file: ":memory:", levels, now }));
  const engine = started.use(
    await Engine.start({
      config: toWatched(config, isRecent ? new Date(sinceMs).toISOString() : from),
      journal,
      history,
      incidentsFile: ":memory:",
      sources: parts.sources,
      outputs: [],
      ownOutputs: [],
      // What keeps a log from being read is on the screen already.
      environment: { ...environment, files, log: () => {} },
    }),
  );
  const life = started.move();
  return {
    get isCaughtUp() {
      return engine.sources.every(
        ({ lastBatchTo = 0, everyMs }) => lastBatchTo + everyMs >= startedMs,
      );
    },
    incidents: () => engine.incidents({ state: "all", limit: incidentsMax }),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  };
}

/** `from`: as the option of an access log. */
function toWatched(config: NodeConfig, from: string): NodeConfig {
  return {
    ...config,
    outputs: new Map(),
    retention: { ...config.retention, journal: { ageMs: keptMs, sizeBytes: keptBytes } },
    sources: new Map(
      Array.from(config.sources, ([id, source]) => [
        id,
        { ...source, outputs: undefined, options: { ...source.options, from } },
      ]),
    ),
  };
}
