// A whole node in this process: data folder, journal, engine, server; what `run` and `demo` share.
import type { OutputConfig } from "../config/config.ts";
import { type ConfigDiff, isEmptyDiff } from "../config/diff-configs.ts";
import { loadConfig } from "../config/load-config.ts";
import { describeError } from "../core/errors.ts";
import { openDataFolder } from "../engine/data-folder.ts";
import { Engine } from "../engine/engine.ts";
import type { Environment } from "../engine/environment.ts";
import { type NodeConfig, parts } from "../engine/parts.ts";
import { createSystemFiles } from "../engine/system-files.ts";
import { openSqliteHistory } from "../history/sqlite.ts";
import type { Cursor } from "../journal/journal.ts";
import { openSqliteJournal } from "../journal/sqlite.ts";
import { loadPageAssets } from "../server/page-assets.ts";
import { describeApi } from "../server/describe-api.ts";
import { routes } from "../server/routes.ts";
import { startServer } from "../server/server.ts";
import { type OwnLog, openLog } from "./_log.ts";
import type { Terminal } from "./command.ts";

export interface RunningNode extends AsyncDisposable {
  readonly url: string;
  readonly hasPage: boolean;
  readonly engine: Engine;
  readonly ownLog: OwnLog;
}

/** The page that Prometheus scrapes is always there; a configured output of the kind replaces it. */
const ownMetricsPage: OutputConfig = {
  id: "metrics",
  kind: "prometheus",
  only: [],
  except: [],
  labels: {},
  options: { path: "/metrics", seriesMax: 100_000 },
};

/**
 * Reads the configuration with this program's parts. Throws ConfigError. Commands that only look leave the secrets alone:
 * whoever uses them need not have them.
 */
export function loadNodeConfig(
  file: string,
  { env, hostName }: Terminal,
  secrets: "resolve" | "leave" = "resolve",
): Promise<NodeConfig> {
  return loadConfig({ file, parts, env, hostName, secrets });
}

/** Starts everything and resolves once the page is served. Throws UserError for what its user can mend. */
export async function startNode(
  config: NodeConfig,
  terminal: Pick<Terminal, "environment" | "isLogInteractive" | "note" | "pageFolder" | "version">,
): Promise<RunningNode> {
  await using started = new AsyncDisposableStack();
  const ownLog = started.use(openLog(config.log, terminal));
  const folder = started.use(openDataFolder(config.data, config.node.name));
  const environment: Environment = {
    ...terminal.environment,
    files: createSystemFiles(config.folder),
    log: ownLog.log,
  };
  const journal = started.use(
    openSqliteJournal({ file: folder.journalFile, now: environment.clock.now }),
  );
  const history = started.use(
    openSqliteHistory<Cursor>({
      file: folder.historyFile,
      levels: config.retention.history,
      now: environment.clock.now,
    }),
  );
  const engine = started.use(
    await Engine.start({
      config,
      journal,
      history,
      incidentsFile: folder.incidentsFile,
      sources: parts.sources,
      outputs: parts.outputs,
      ownOutputs: [ownMetricsPage],
      environment,
    }),
  );
  const assets = loadPageAssets(terminal.pageFolder);
  const { version } = terminal;
  const { server: access } = config;
  const hub = {
    engine,
    environment,
    server: access,
    version,
    describeApi: () => describeApi(routes, version),
  };
  const server = started.use(await startServer({ hub, assets }));
  const life = started.move();
  return {
    url: server.url,
    hasPage: assets.size > 0,
    engine,
    ownLog,
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  };
}

/** What SIGHUP calls. A signal that comes while another one is being served waits for its turn. */
export function createReloader(node: RunningNode, terminal: Terminal): () => void {
  let last = Promise.resolve();
  const applyAfter = async (before: Promise<void>): Promise<void> => {
    await before;
    await applyFile(node, terminal);
  };
  return () => {
    last = applyAfter(last);
  };
}

/** Reopens the log file and applies the changed configuration. A bad file changes nothing and is reported. */
async function applyFile({ engine, ownLog }: RunningNode, terminal: Terminal): Promise<void> {
  try {
    ownLog.reopen();
    const config = await loadNodeConfig(engine.config.file, terminal);
    ownLog.log("info", describeChange(await engine.reload(config)));
  } catch (error) {
    const reason = describeError(error);
    ownLog.log("error", `the configuration was not applied, nothing has changed:\n${reason}`);
  }
}

/** What a running node cannot change about itself. */
const fixedSections: ReadonlySet<string> = new Set(["node", "log", "data", "server"]);
/** Of `retention` the journal's part is applied at once, the history's is not. */
const historyNote = "retention.history takes effect at the next start";

function describeChange(diff: ConfigDiff): string {
  if (isEmptyDiff(diff)) {
    return "the configuration was read again: nothing in it has changed";
  }
  const { sections, ...maps } = diff;
  const changes = Object.entries(maps).flatMap(([name, { added, changed, removed }]) => [
    ...added.map((id) => `added ${name}.${id}`),
    ...changed.map((id) => `changed ${name}.${id}`),
    ...removed.map((id) => `removed ${name}.${id}`),
  ]);
  const later = sections.filter((name) => fixedSections.has(name));
  const note = later.length > 0 ? [`${later.join(", ")} takes effect at the next start`] : [];
  if (sections.includes("retention")) {
    note.push(historyNote);
  }
  return `the configuration was applied: ${[...changes, ...note].join("; ")}`;
}
