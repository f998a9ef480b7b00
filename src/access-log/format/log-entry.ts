/**
 * What a parser found in one line. A parser fills one record again and again: copy what must
 * outlive the next line.
 */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  timeMs: number;
  client: string;
  /** Request target without its query string; undefined when the request line has none. */
  target: string | undefined;
  /** 0 to 999. */
  status: number;
  /** Response bytes; 0 for `-`. */
  sizeBytes: number;
  /** NaN when the line has none. */
  durationSeconds: number;
}

/** Understands the lines of one log format. */
export interface LineParser {
  /**
   * Fills `entry` from the line in bytes[from, to), which has no line end, and returns true; or
   * returns false, with `entry` in any state, when it is not a line of this format. Never throws.
   */
  parse(bytes: Buffer, from: number, to: number, entry: LogEntry): boolean;
}

export function createLogEntry(): LogEntry {
  return {
    timeMs: 0,
    client: "",
    target: undefined,
    status: 0,
    sizeBytes: 0,
    durationSeconds: Number.NaN,
  };
}
