// A whole node in this process: data folder, journal, engine, server; what `run` and `demo` share.
import type { OutputConfig } from "../config/config.ts";
import { type ConfigDiff, diffConfigs, isEmptyDiff } from "../config/diff-configs.ts";
import { loadConfig } from "../config/load-config.ts";
import { describeError } from "../core/errors.ts";
import { openDataFolder } from "../engine/data-folder.ts";
import { Engine } from "../engine/engine.ts";
import type { Environment } from "../engine/environment.ts";
import { type NodeConfig, parts } from "../engine/parts.ts";
import { createSystemFiles } from "../engine/system-files.ts";
import { openSqliteJournal } from "../journal/sqlite.ts";
import { loadPageAssets } from "../server/page-assets.ts";
import { startServer } from "../server/server.ts";
import { type OwnLog, openLog } from "./_log.ts";
import type { Terminal } from "./command.ts";

export interface RunningNode extends AsyncDisposable {
  readonly url: string;
  readonly hasPage: boolean;
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

/** Reads the configuration with this program's parts. Throws ConfigError. */
export function loadNodeConfig(file: string, { env, hostName }: Terminal): Promise<NodeConfig> {
  return loadConfig({ file, parts, env, hostName });
}

/** Starts everything and resolves once the page is served. Throws UserError for what its user can mend. */
export async function startNode(config: NodeConfig, terminal: Terminal): Promise<RunningNode> {
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
  const hasMetricsPage = [...config.outputs.values()].some(
    ({ kind }) => kind === ownMetricsPage.kind,
  );
  const engine = started.use(
    await Engine.start({
      config,
      journal,
      incidentsFile: folder.incidentsFile,
      sources: parts.sources,
      outputs: parts.outputs,
      ownOutputs: hasMetricsPage ? [] : [ownMetricsPage],
      environment,
    }),
  );
  const assets = loadPageAssets(terminal.pageFolder);
  const hub = { engine, environment, version: terminal.version };
  const server = started.use(await startServer({ hub, assets }));
  started.use(terminal.onHangup(createReloader({ engine, ownLog, terminal })));
  const life = started.move();
  return {
    url: server.url,
    hasPage: assets.size > 0,
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  };
}

interface Reload {
  readonly engine: Engine;
  readonly ownLog: OwnLog;
  readonly terminal: Terminal;
}

/** What SIGHUP calls. A signal that comes while another one is being served waits for its turn. */
function createReloader(reload: Reload): () => void {
  let last = Promise.resolve();
  return () => {
    const before = last;
    last = before.finally(() => applyFile(reload));
  };
}

/** Reopens the log file and applies the changed configuration. A bad file changes nothing and is reported. */
async function applyFile({ engine, ownLog, terminal }: Reload): Promise<void> {
  ownLog.reopen();
  try {
    const config = await loadNodeConfig(engine.config.file, terminal);
    const diff = diffConfigs(engine.config, config);
    await engine.apply(config, diff);
    ownLog.log("info", describeChange(diff));
  } catch (error) {
    const reason = describeError(error);
    ownLog.log("error", `the configuration was not applied, nothing has changed:\n${reason}`);
  }
}

/** What a running node cannot change about itself. */
const fixedSections: ReadonlySet<string> = new Set(["node", "log", "data", "server"]);

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
  return `the configuration was applied: ${[...changes, ...note].join("; ")}`;
}
