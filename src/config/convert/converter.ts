// What turns another tool's configuration into ours. One file for each tool, and one line in src/cli/convert.ts.
import { ConfigError, type Problem } from "../problem.ts";
import { type Annotated, toAnnotatedYaml } from "./_annotated-yaml.ts";
import { parseOldYaml, type OldYaml, type Path } from "./_old-yaml.ts";

export type { Annotated, Remark } from "./_annotated-yaml.ts";
export type { Path } from "./_old-yaml.ts";

/** One thing that the old tool would have refused, too. */
export interface Refusal {
  readonly path: Path;
  /** To be read after the path: "is missing; write …". */
  readonly message: string;
}

export interface OldConfig {
  /** Plain objects, lists, texts, numbers, booleans and null. */
  readonly value: unknown;
  /** From 1. */
  readonly lineOf: (path: Path) => number;
}

export type Conversion =
  | { readonly converted: Annotated; readonly refusals?: never }
  | { readonly converted?: never; readonly refusals: readonly Refusal[] };

/**
 * Reads a YAML file of another tool and returns ours, with remarks as comments. Throws ConfigError with everything
 * that is wrong at once.
 */
export function convertYaml(
  { text, file }: { readonly text: string; readonly file: string },
  convert: (old: OldConfig) => Conversion,
): string {
  const old = parseOldYaml(text);
  const problems = old.problems.map((found) => ({
    ...found,
    file,
    path: "",
    code: "syntax" as const,
  }));
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  const { converted, refusals } = convert({
    value: old.value,
    lineOf: (path) => old.locate(path).line,
  });
  if (converted === undefined) {
    throw new ConfigError(refusals.map((refusal) => toProblem(refusal, old, file)));
  }
  return toAnnotatedYaml(converted);
}

function toProblem({ path, message }: Refusal, old: OldYaml, file: string): Problem {
  return { ...old.locate(path), file, path: path.join("."), message, code: "invalid" };
}
