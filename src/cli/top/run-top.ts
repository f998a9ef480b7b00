import type { Environment } from "../../engine/environment.ts";
import { createSystemFiles } from "../../engine/system-files.ts";
import type { Incident } from "../../rules/incident.ts";
import type { Terminal } from "../command.ts";
import type { TopPlan } from "./plan-top.ts";
import { printPictures, printWindows } from "./print-pictures.ts";
import { runLive } from "./run-live.ts";
import { TopSession } from "./top-session.ts";
import type { WatchedRules } from "./watch-rules.ts";
import { toLook } from "./to-look.ts";

/** Runs until its user has seen enough. Resolves to the exit code. */
export async function runTop(plan: TopPlan, terminal: Terminal): Promise<number> {
  const { wish, logs, config } = plan;
  const environment: Environment = {
    ...terminal.environment,
    files: createSystemFiles(config?.folder ?? "."),
    log: () => {},
  };
  const rules = createRules(plan, environment);
  await using session = new TopSession({
    logs,
    wish,
    environment,
    ...(rules !== undefined && { incidents: rules.incidents }),
  });
  const ending = new AbortController();
  await using life = new AsyncDisposableStack();
  life.use(terminal.onHangup(() => ending.abort()));
  const stop = AbortSignal.any([terminal.stop, ending.signal]);
  const isReady = (): boolean => rules?.isCaughtUp() ?? true;
  const shown = show(plan, session, { ...terminal, stop, isReady });
  try {
    // The first picture is there before the rules are.
    life.use(await rules?.start());
    await shown;
  } finally {
    ending.abort();
    await shown;
  }
  return 0;
}

interface StartableRules {
  readonly incidents: () => readonly Incident[];
  readonly isCaughtUp: () => boolean;
  start(): Promise<AsyncDisposable>;
}

/** Undefined where there are none. */
function createRules(
  { config, logs, wish }: TopPlan,
  environment: Environment,
): StartableRules | undefined {
  if (config === undefined || config.rules.size === 0) {
    return undefined;
  }
  let watched: WatchedRules | undefined;
  return {
    incidents: () => watched?.incidents() ?? [],
    isCaughtUp: () => watched?.isCaughtUp ?? false,
    async start() {
      const { watchRules } = await import("./watch-rules.ts");
      watched = await watchRules({ config, logs, from: wish.from, environment });
      return watched;
    },
  };
}

async function show(
  { wish, isScreen }: TopPlan,
  session: TopSession,
  terminal: Terminal & { readonly isReady: () => boolean },
): Promise<void> {
  const { tty, stop } = terminal;
  if (wish.output === "json") {
    await printWindows(session, wish, terminal);
  } else if (isScreen && tty !== undefined) {
    await runLive({ session, tty, look: toLook(wish, terminal), stop });
  } else {
    await printPictures(session, wish, terminal);
  }
}
