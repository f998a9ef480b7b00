// What a command is. One file each, listed in index.ts; help comes from the definition. Heavy modules are imported
// inside `run`, so that `watchpost --version` does not load a web server.
import type { Environment } from "../engine/environment.ts";
import type { Tty } from "./screen/tty.ts";

/** What a command may touch of the process it runs in. */
export interface Terminal {
  /** Standard output: the command's result and nothing else. */
  readonly print: (text: string) => Promise<void>;
  /** Standard error: progress and remarks. */
  readonly note: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether somebody looks at standard output, and at standard error. */
  readonly isInteractive: boolean;
  readonly isLogInteractive: boolean;
  /** The width of standard output, where it is a terminal; as it is at this moment. */
  readonly columns: number | undefined;
  /** Keyboard and screen, where standard input and output both are a terminal. */
  readonly tty: Tty | undefined;
  /** Aborted by SIGINT and SIGTERM. */
  readonly stop: AbortSignal;
  /** Calls back at each SIGHUP until disposed. */
  onHangup(listener: () => void): Disposable;
  readonly version: string;
  readonly hostName: string;
  /** Where the built page is. */
  readonly pageFolder: string;
  readonly environment: Omit<Environment, "log" | "files">;
}

export interface Command {
  readonly name: string;
  /** One sentence, starting with a verb. */
  readonly summary: string;
  /** In commander's notation: "[file]", "<file>", "[files...]", with what they are. */
  readonly args?: Readonly<Record<string, string>>;
  /**
   * In commander's notation: "-c, --config <file>", with what they do. One that may be given several times ends in
   * dots, "--group <regex>...", and takes one value each time.
   */
  readonly flags?: Readonly<Record<string, string>>;
  readonly commands?: readonly Command[];
  /**
   * Resolves to the exit code. Throws UserError for what its user can mend: its message is printed, the exit code
   * is 2. Missing on a command that only groups others.
   */
  run?(given: Given, terminal: Terminal): Promise<number>;
}

export interface Given {
  readonly args: readonly string[];
  /** By long name in camel case; a switch that was not given is undefined, a repeatable flag is a list. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** The value of a flag that takes one. */
export function textFlag({ flags }: Given, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of a flag that may be given several times. */
export function listFlag({ flags }: Given, name: string): readonly string[] {
  const value = flags[name];
  return typeof value === "object" ? value : [];
}
