import type { z } from "zod";
import type { Config } from "./config.ts";
import { readConfig, sortProblems, type ConfigText } from "./_read-config.ts";
import type { Problem } from "./problem.ts";

export type { ConfigText } from "./_read-config.ts";

export interface ParsedConfig<Rule> {
  /** Undefined when there are problems. */
  readonly config: Config<Rule> | undefined;
  /** All of them, in the order of the file. */
  readonly problems: readonly Problem[];
}

/**
 * Checks a configuration without touching anything: its secrets are neither read nor resolved, so it can be shown and
 * compared but not run. Never throws for what the text holds.
 */
export function parseConfig<Rule extends z.ZodObject>(
  input: ConfigText<Rule>,
): ParsedConfig<z.output<Rule>> {
  const { config, problems } = readConfig(input);
  return {
    config: problems.length === 0 ? config : undefined,
    problems: sortProblems(problems),
  };
}
