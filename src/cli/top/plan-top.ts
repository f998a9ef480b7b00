// From a command line to what is followed and how it is shown.
import { UserError } from "../../core/errors.ts";
import type { NodeConfig } from "../../engine/parts.ts";
import type { ReportSource } from "../_report-source.ts";
import { type Given, type Terminal, textFlag } from "../command.ts";
import { type WatchedLog, openLogs, toSourceLog } from "./open-logs.ts";
import { type TopWish, readTopFlags } from "./read-top-flags.ts";

export interface TopPlan {
  readonly wish: TopWish;
  readonly logs: readonly WatchedLog[];
  /** Whose rules are watched over its own logs; undefined: none are. */
  readonly config: NodeConfig | undefined;
  /** It is drawn on a whole screen, and keys are read; otherwise it is printed. */
  readonly isScreen: boolean;
}

/** Windows, where pictures are drawn on a screen, and where they are printed. */
const everyMsLive = 1_000;
const everyMsPrinted = 10_000;

/** The plan, and what was guessed on the way. Throws UserError. */
export async function planTop(
  given: Given,
  terminal: Terminal,
): Promise<{ readonly plan: TopPlan; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const isScreen = hasScreen(given, terminal);
  const everyMs = isScreen || given.flags["once"] === true ? everyMsLive : everyMsPrinted;
  const { sources, config } = await loadSources(given, terminal);
  const wishes = (sources.length === 0 ? [undefined] : sources).map((source) => ({
    wish: readTopFlags(given, source, everyMs),
    name: given.args.length === 0 ? source?.id : undefined,
  }));
  const [first] = wishes;
  const logs: WatchedLog[] = [];
  for (const { wish, name } of wishes) {
    const own =
      name === undefined
        ? await openLogs(wish, (note) => notes.push(note))
        : [toSourceLog(name, wish)];
    logs.push(...own);
  }
  const wish = first?.wish ?? readTopFlags(given, undefined, everyMs);
  const watched = given.args.length === 0 ? config : undefined;
  return { plan: { wish, logs, config: watched, isScreen }, notes };
}

function hasScreen({ flags }: Given, { tty, env }: Terminal): boolean {
  const isAble = !["", "dumb"].includes(env["TERM"] ?? "");
  return tty !== undefined && isAble && flags["once"] !== true && flags["json"] !== true;
}

interface LoadedSources {
  readonly sources: readonly ReportSource[];
  readonly config: NodeConfig | undefined;
}

async function loadSources(given: Given, terminal: Terminal): Promise<LoadedSources> {
  const [file, id] = [textFlag(given, "config"), textFlag(given, "source")];
  if (file === undefined && id === undefined) {
    return { sources: [], config: undefined };
  }
  const { loadNodeConfig } = await import("../_node.ts");
  const { loadReportSource } = await import("../_report-source.ts");
  const { accessLog } = await import("../../sources/access-log.ts");
  const name = file ?? "watchpost.yml";
  const config = await loadNodeConfig(name, terminal, "leave");
  const all = [...config.sources.values()].filter(({ kind }) => kind === accessLog.name);
  // Files are read by one source; without files, every source has its own.
  const isOne = id !== undefined || given.args.length > 0 || all.length === 0;
  const ids = isOne ? [id] : all.map((source) => source.id);
  const sources: ReportSource[] = [];
  for (const one of ids) {
    const source = await loadReportSource(name, one, terminal);
    // Those that take messages over the network have no files.
    sources.push(...(source.paths.length > 0 || given.args.length > 0 ? [source] : []));
  }
  if (sources.length === 0) {
    throw new UserError("USAGE", `${name} has no access-log source that reads files`);
  }
  return { sources, config: withSources(config, sources) };
}

function withSources(config: NodeConfig, sources: readonly ReportSource[]): NodeConfig {
  const ids = new Set(sources.map(({ id }) => id));
  return { ...config, sources: new Map([...config.sources].filter(([id]) => ids.has(id))) };
}
