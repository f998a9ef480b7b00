import { ConfigError, type Problem } from "../problem.ts";

/** Something in the old file that cannot be taken. */
export interface OldProblem {
  /** From 1. */
  readonly line: number;
  /** Name of the setting; empty when there is none. */
  readonly path: string;
  /** To be read after the path. */
  readonly message: string;
}

/** Throws ConfigError with all of them; returns when there is none. */
export function refuseAll(problems: readonly OldProblem[], file: string): void {
  if (problems.length > 0) {
    const found = problems
      .toSorted((a, b) => a.line - b.line)
      .map((problem): Problem => ({ ...problem, file, column: 1, code: "invalid" }));
    throw new ConfigError(found);
  }
}
