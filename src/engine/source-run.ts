import type { SourceConfig } from "../config/config.ts";
import type { ContinuousSource, ScheduledSource } from "../core/component.ts";
import type { Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import type { SourceProblems } from "./source-problems.ts";
import type { SourceStatus } from "./target-status.ts";

/** What a source does, and to what, without its form. */
export type SourceWork =
  | Pick<ContinuousSource, "follow" | "target">
  | Pick<ScheduledSource, "observe" | "check" | "target">;

/** One configured source while it runs: what it is, where it writes, and how it is doing. */
export interface SourceRun {
  readonly source: SourceWork;
  readonly config: SourceConfig;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly status: SourceStatus;
  readonly problems: SourceProblems;
}
