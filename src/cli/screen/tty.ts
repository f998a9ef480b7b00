/** What a terminal tells: each with what its listener gets. */
export interface TtyEvents {
  /** Bytes from the keyboard, cut anywhere. */
  readonly input: Uint8Array;
  readonly resize: void;
  /** Nobody is there any more: the connection was closed. */
  readonly gone: void;
  /** The process is about to be stopped by its user, and will have to call `stop`. */
  readonly suspend: void;
  /** The process goes on after having been stopped. */
  readonly continue: void;
  /** The process ends, for whatever reason; the listener has to be synchronous. */
  readonly exit: void;
}

/** A keyboard and a screen. A test passes one of its own. */
export interface Tty {
  readonly columns: number;
  readonly rows: number;
  /** Raw: keys come one by one and are not shown, and Ctrl-C is a key like others. */
  setRaw(isRaw: boolean): void;
  /** Synchronous, so that it also works while the process ends. False when not all of it was taken; never throws. */
  write(text: string): boolean;
  on<Name extends keyof TtyEvents>(
    name: Name,
    listener: (event: TtyEvents[Name]) => void,
  ): Disposable;
  /** Stops the process until the shell lets it go on. */
  stop(): void;
}
