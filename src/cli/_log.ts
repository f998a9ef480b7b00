// Our own log: JSON lines to a file or to a collector, one readable line to a person.
import { pino } from "pino";
import type { LogConfig } from "../config/config.ts";
import type { Log } from "../engine/environment.ts";
import type { Terminal } from "./command.ts";

export interface OwnLog extends Disposable {
  readonly log: Log;
  /** After the file was rotated. */
  reopen(): void;
}

/** Standard error gets the log when `console` is set; the file gets it whenever one is named. */
export function openLog(
  config: LogConfig,
  terminal: Pick<Terminal, "isLogInteractive" | "note">,
): OwnLog {
  const file = config.file === undefined ? undefined : openFile(config.file, terminal);
  const streams = [
    ...(config.console ? [{ level: config.level, stream: toConsole(terminal) }] : []),
    ...(file === undefined ? [] : [{ level: config.level, stream: file }]),
  ];
  const logger = pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.multistream(streams),
  );
  return {
    log: (level, message, fields = {}) => logger[level](fields, message),
    reopen: () => file?.reopen(),
    [Symbol.dispose]: () => file?.flushSync(),
  };
}

/** A log that cannot be written (a full disk) is told once on standard error, and stops nothing. */
function openFile(
  path: string,
  { note }: Pick<Terminal, "note">,
): ReturnType<typeof pino.destination> {
  const file = pino.destination({ dest: path, append: true, mkdir: true, sync: true });
  let isTold = false;
  file.on("error", (error: Error) => {
    if (!isTold) {
      note(`the log ${path} cannot be written: ${error.message}\n`);
    }
    isTold = true;
  });
  return file;
}

function toConsole({ isLogInteractive, note }: Pick<Terminal, "isLogInteractive" | "note">): {
  write(line: string): void;
} {
  return { write: (line) => note(isLogInteractive ? toReadable(line) : line) };
}

/** `16:00:00 warn  source shop: … reason=…` */
function toReadable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line);
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  const clock = new Date(time).toLocaleTimeString("en-GB");
  return `${clock} ${String(level).padEnd(5)} ${msg}${rest.join("")}\n`;
}
