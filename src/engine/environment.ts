import type { Files } from "../core/component.ts";
import type { Clock } from "../core/clock.ts";
import type { Fetch, Network } from "../core/network.ts";

/** A line of our own log; how it is written is the command line's business. */
export type Log = (level: "info" | "warn" | "error", message: string, fields?: object) => void;

/** The world that a node lives in. A test passes another one; nothing else needs replacing. */
export interface Environment {
  readonly clock: Clock;
  /** 0 ≤ value < 1, for jitter. */
  readonly random: () => number;
  readonly fetch: Fetch;
  readonly network: Network;
  readonly files: Files;
  /** Writes to standard output and resolves when it was taken. */
  readonly print: (text: string) => Promise<void>;
  readonly log: Log;
}
