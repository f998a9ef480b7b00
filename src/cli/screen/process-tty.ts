import { writeSync } from "node:fs";
import type { Tty, TtyEvents } from "./tty.ts";

type Listeners = {
  readonly [Name in keyof TtyEvents]: (listener: (event: TtyEvents[Name]) => void) => Disposable;
};

const columnsDefault = 80;
const rowsDefault = 24;

/** The terminal of this process, whose standard input and output are one. */
export function createProcessTty(process: NodeJS.Process): Tty {
  const { stdin, stdout } = process;
  const listeners: Listeners = {
    input: (listener) =>
      listen(stdin, "data", (bytes) => bytes instanceof Uint8Array && listener(bytes)),
    resize: (listener) => listen(stdout, "resize", () => listener()),
    gone(listener) {
      using both = new DisposableStack();
      both.use(listen(stdin, "end", () => listener()));
      both.use(listen(stdin, "error", () => listener()));
      both.use(listen(stdout, "error", () => listener()));
      return both.move();
    },
    suspend: (listener) => listen(process, "SIGTSTP", () => listener()),
    continue: (listener) => listen(process, "SIGCONT", () => listener()),
    exit: (listener) => listen(process, "exit", () => listener()),
  };
  return {
    get columns() {
      return stdout.columns || columnsDefault;
    },
    get rows() {
      return stdout.rows || rowsDefault;
    },
    setRaw(isRaw) {
      try {
        stdin.setRawMode(isRaw);
      } catch {
        // The terminal was closed: nothing is left to be set.
      }
      if (isRaw) {
        stdin.resume();
      } else {
        stdin.pause();
      }
    },
    write: (text) => writeAll(stdout.fd, Buffer.from(text)),
    on: (name, listener) => listeners[name](listener),
    stop: () => process.kill(process.pid, "SIGSTOP"),
  };
}

function listen(
  emitter: NodeJS.EventEmitter,
  name: string,
  listener: (event: unknown) => unknown,
): Disposable {
  emitter.on(name, listener);
  return { [Symbol.dispose]: () => emitter.off(name, listener) };
}

/** A terminal that takes no more for now is asked again so often; it is not waited for for ever. */
const attemptsMax = 2_000;
const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd: number, bytes: Uint8Array): boolean {
  let at = 0;
  for (let attempt = 0; at < bytes.length && attempt < attemptsMax; attempt++) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) {
        return false; // Whoever looked at it has gone; `gone` says so.
      }
      Atomics.wait(pause, 0, 0, 1);
    }
  }
  return at === bytes.length;
}
