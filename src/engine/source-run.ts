import type { SourceConfig } from "../config/config.ts";
import type { Source } from "../core/component.ts";
import type { Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import type { SourceStatus } from "./target-status.ts";

/** One configured source while it runs: what it is, where it writes, and how it is doing. */
export interface SourceRun {
  readonly source: Source;
  readonly config: SourceConfig;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly status: SourceStatus;
}

/** Changes the status, and logs once a change. Undefined means that all is well. */
export function setProblem(
  { config, environment, status }: Pick<SourceRun, "config" | "environment" | "status">,
  problem: string | undefined,
): void {
  const state = problem === undefined ? "ok" : "failing";
  if (status.state === state && status.problem === problem) {
    return;
  }
  const was = status.state;
  if (was !== state) {
    status.stateSince = environment.clock.now();
  }
  status.state = state;
  status.problem = problem;
  if (problem !== undefined) {
    environment.log("warn", `source ${config.id}: ${problem}`);
  } else if (was === "failing") {
    environment.log("info", `source ${config.id}: works again`);
  }
}
