import { readFile as readFileFromDisk } from "node:fs/promises";
import type { z } from "zod";
import type { Config, ConfigParts } from "./config.ts";
import { ConfigError } from "./problem.ts";
import { readConfig, sortProblems } from "./_read-config.ts";
import { describeReadError, resolveSecrets, type SecretWorld } from "./_resolve-secrets.ts";

export interface ConfigSource<Rule extends z.ZodObject = z.ZodObject> {
  /** Path of the configuration file. */
  readonly file: string;
  readonly parts: ConfigParts<Rule>;
  readonly env: SecretWorld["env"];
  /** The node's name when the file gives none. */
  readonly hostName: string;
  /**
   * `leave` touches no secret, for commands that show or check and reveal none: their `reveal` throws. `resolve` when
   * left out.
   */
  readonly secrets?: "resolve" | "leave";
  /** Reads a text file; the disk's when left out. */
  readonly readFile?: SecretWorld["readFile"];
}

/**
 * Reads, checks and completes the configuration, secrets included unless they are left: what it returns can be run.
 * Called at the start and on every reload. Throws ConfigError with all problems at once.
 */
export async function loadConfig<Rule extends z.ZodObject>({
  file,
  parts,
  env,
  hostName,
  secrets = "resolve",
  readFile = (path) => readFileFromDisk(path, "utf8"),
}: ConfigSource<Rule>): Promise<Config<z.output<Rule>>> {
  const text = await readText(file, readFile);
  const { config, problems, toProblem } = readConfig({ text, file, parts, hostName });
  const mayResolve = config !== undefined && secrets === "resolve";
  const unresolved = mayResolve ? await resolveSecrets(config, { env, readFile }) : [];
  const all = sortProblems([...problems, ...unresolved.map(toProblem)]);
  if (config === undefined || all.length > 0) {
    throw new ConfigError(all);
  }
  return config;
}

async function readText(file: string, readFile: SecretWorld["readFile"]): Promise<string> {
  try {
    return await readFile(file);
  } catch (error) {
    const message = describeReadError(error, "the configuration file");
    const problem = { file, line: 1, column: 1, path: "", code: "missing", message } as const;
    throw new ConfigError([problem], { cause: error });
  }
}
