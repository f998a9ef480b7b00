import { UserError } from "../core/errors.ts";

/** One thing that is wrong with the configuration. */
export interface Problem {
  readonly file: string;
  /** Both from 1; the column counts UTF-16 code units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** `sources.shop.files[0]`; empty when the text could not be read as YAML, or as a whole. */
  readonly path: string;
  /** "what is wrong; what would be right", to be read after the path. Never holds the value of a secret. */
  readonly message: string;
  readonly code: ProblemCode;
}

/**
 * `syntax`: not the YAML that we take. `unknown_key`, `missing`: the obvious. `reference`: names something that is not
 * there. `secret`: a secret could not be had. `unsafe`: would open the node to everyone. `invalid`: a wrong value.
 */
export type ProblemCode =
  | "syntax"
  | "unknown_key"
  | "missing"
  | "reference"
  | "secret"
  | "unsafe"
  | "invalid";

/** Thrown by `loadConfig`. The message has one line for each problem, in the order of the file. */
export class ConfigError extends UserError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super("CONFIG_INVALID", problems.map(toProblemText).join("\n"), options);
    this.problems = problems;
  }
}

/** `watchpost.yml:9:12 sources.shop.every: has no unit; write 10s or 10m` */
export function toProblemText(problem: Problem): string {
  const { file, line, column, path, message } = problem;
  return `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${message}`;
}
