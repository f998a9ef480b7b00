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
export function openLog(config: LogConfig, terminal: Terminal): OwnLog {
  const file = config.file === undefined ? undefined : openFile(config.file);
  const streams = [
    ...(config.console ? [{ level: config.level, stream: toConsole(terminal) }] : []),
    ...(file === undefined ? [] : [{ level: config.level, stream: file }]),
  ];
  const logger = pino(
    { level: config.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream(streams),
  );
  return {
    log: (level, message, fields = {}) => logger[level](fields, message),
    reopen: () => file?.reopen(),
    [Symbol.dispose]: () => file?.flushSync(),
  };
}

function openFile(path: string): ReturnType<typeof pino.destination> {
  return pino.destination({ dest: path, append: true, mkdir: true, sync: true });
}

function toConsole({ isInteractive, note }: Terminal): { write(line: string): void } {
  return { write: (line) => note(isInteractive ? toReadable(line) : line) };
}

const levelNames: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
};

/** `16:00:00 warn  source shop: … reason=…` */
function toReadable(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line);
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  const clock = new Date(time).toLocaleTimeString("en-GB");
  return `${clock} ${(levelNames[level] ?? "").padEnd(5)} ${msg}${rest.join("")}\n`;
}
