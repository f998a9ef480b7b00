import { spawn } from "node:child_process";

export interface CommandOptions {
  /** Shows the output as it comes instead of collecting it. */
  readonly isShown?: boolean;
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed after this time and counts as failed. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly isOk: boolean;
  /** Both streams, in the order of arrival; empty when shown. */
  readonly output: string;
  readonly stdout: string;
  readonly durationMs: number;
}

/** Runs a program without a shell until it ends. A failure, also to start, is a value: `isOk` false. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { isShown = false, cwd, env, timeoutMs } = options;
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const all: Buffer[] = [];
  const stdout: Buffer[] = [];
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: isShown ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  // Not spawn's own `timeout`: its timer goes on, and holds us, when the program does not exist.
  const timer = timeoutMs && setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const finish = (isOk: boolean, problem = ""): void => {
    clearTimeout(timer);
    resolve({
      isOk,
      output: Buffer.concat(all).toString() + problem,
      stdout: Buffer.concat(stdout).toString(),
      durationMs: performance.now() - startedAt,
    });
  };
  child.stdout?.on("data", (chunk: Buffer) => void (all.push(chunk), stdout.push(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => void all.push(chunk));
  child.once("error", (error) => finish(false, `${error.message}\n`));
  child.once("close", (code, signal) =>
    finish(code === 0, signal === null ? "" : `${command} was ended by ${signal}.\n`),
  );
  return promise;
}
