import { Command as Program, CommanderError } from "commander";
import { UserError, describeError } from "../core/errors.ts";
import type { Command, Given, Terminal } from "./command.ts";
import { commands } from "./index.ts";

/** Runs one command line and resolves to the exit code: 0 well, 1 failed, 2 wrong usage or configuration. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Program("watchpost")
    .description("Watches web front ends: access logs, HAProxy, URLs and the hosts behind them.")
    .version(terminal.version, "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Print this help.")
    .helpCommand("help [command]", "Print the help of a command.")
    .showHelpAfterError("(add --help for the whole usage)")
    .enablePositionalOptions();
  for (const command of commands) {
    add(program, command, terminal, (code) => (exitCode = code));
  }
  const output: string[] = [];
  configure(program, output, terminal);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    exitCode = toExitCode(error, terminal);
  }
  if (output.length > 0) {
    await terminal.print(output.join(""));
  }
  return exitCode;
}

function add(
  parent: Program,
  command: Command,
  terminal: Terminal,
  onExit: (code: number) => void,
): void {
  const program = parent.command(command.name).description(command.summary);
  for (const [name, summary] of Object.entries(command.args ?? {})) {
    program.argument(name, summary);
  }
  for (const [flags, summary] of Object.entries(command.flags ?? {})) {
    addFlag(program, flags, summary);
  }
  for (const one of command.commands ?? []) {
    add(program, one, terminal, onExit);
  }
  if (command.run !== undefined) {
    const run = command.run.bind(command);
    program.action(async () => {
      const given: Given = { args: program.args, flags: program.opts() };
      onExit(await run(given, terminal));
    });
  }
}

/** A repeatable flag takes one value at a time, so that it does not swallow the files behind it. */
export function addFlag(program: Program, flags: string, summary: string): void {
  const [once = "", more] = flags.split("...");
  if (more === undefined) {
    program.option(flags, summary);
    return;
  }
  program.option(once, summary, collect);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Nothing is written and nothing exits behind our back. */
function configure(program: Program, output: string[], terminal: Terminal): void {
  program.exitOverride();
  program.configureOutput({
    writeOut: (text) => output.push(text),
    writeErr: (text) => terminal.note(text),
  });
  program.commands.forEach((command) => configure(command, output, terminal));
}

function toExitCode(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof Error && "code" in error && error.code === "EPIPE") {
    return 0; // Its reader has seen enough: `watchpost … | head`.
  }
  if (error instanceof UserError) {
    terminal.note(`${error.message}\n`);
    return 2;
  }
  terminal.note(`watchpost: ${describeError(error)}\n`);
  return 1;
}
