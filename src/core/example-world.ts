// What the examples of components find outside; test/world.ts makes it.

/** The outside world while an example runs. What is absent here does not exist. */
export interface World {
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is appended to files while the example runs; a file that does not exist is made. */
  readonly appended?: readonly Appended[];
  /** Files that get another name while the example runs. */
  readonly renamed?: readonly Renamed[];
  /** Answers by URL; `error` makes the request fail with that code (ECONNREFUSED …). */
  readonly replies?: Readonly<Record<string, Reply>>;
  /**
   * What listens, by `host:port` or by the path of a Unix socket: the first thing that is sent to it makes it answer
   * and end the connection; one without a reply reads until the other side ends. UDP needs no listener.
   */
  readonly listeners?: Readonly<Record<string, Listener>>;
  /** Values of secrets, by the name of their environment variable. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The clock at the start, as an ISO 8601 instant. It moves only when the component sleeps or fetches. */
  readonly now?: string;
}

export interface Appended {
  /** Since the start of the example. */
  readonly afterMs: number;
  readonly path: string;
  readonly text: string;
}

export interface Renamed {
  /** Since the start of the example. */
  readonly afterMs: number;
  readonly path: string;
  readonly to: string;
}

export interface Listener {
  readonly reply?: string;
  /** What it says to whoever connects; it then waits. */
  readonly greeting?: string;
  /** What it says, after its greeting, as often as it gets a text that holds the key. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Connecting fails with this code. */
  readonly error?: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly afterMs?: number;
  readonly error?: string;
}
