import type { Environment } from "./environment.ts";
import type { SourceStatus } from "./target-status.ts";

/**
 * Who has a problem: the journal that does not take what the source saw, the source that threw, or the source itself
 * by `report`. Each clears its own alone. Of several, the first in this order is shown.
 */
const origins = ["journal", "thrown", "reported"] as const;
export type ProblemOrigin = (typeof origins)[number];

/** What keeps one source from its work. */
export interface SourceProblems {
  /** Changes the status, and logs once a change. Undefined means that all is well as far as this origin can tell. */
  set(origin: ProblemOrigin, problem: string | undefined): void;
}

export function createSourceProblems(
  { clock, log }: Pick<Environment, "clock" | "log">,
  target: SourceStatus,
): SourceProblems {
  const status = target;
  const problems = new Map<ProblemOrigin, string>();

  function show(problem: string | undefined): void {
    const state = problem === undefined ? "ok" : "failing";
    if (status.state === state && status.problem === problem) {
      return;
    }
    const was = status.state;
    if (was !== state) {
      status.stateSince = clock.now();
    }
    status.state = state;
    status.problem = problem;
    if (problem !== undefined) {
      log("warn", `source ${status.id}: ${problem}`);
    } else if (was === "failing") {
      log("info", `source ${status.id}: works again`);
    }
  }

  return {
    set(origin, problem) {
      if (problem === undefined) {
        problems.delete(origin);
      } else {
        problems.set(origin, problem);
      }
      const first = origins.find((one) => problems.has(one));
      show(first && problems.get(first));
    },
  };
}
