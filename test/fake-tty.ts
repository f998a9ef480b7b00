// A terminal that remembers what was written on it, and whose user is the test.
import { EventEmitter } from "node:events";
import type { Tty, TtyEvents } from "../src/cli/screen/tty.ts";

export interface FakeTty extends Tty {
  columns: number;
  rows: number;
  /** Takes nothing more: the connection is slow. */
  isFull: boolean;
  readonly isRaw: boolean;
  readonly isStopped: boolean;
  /** Everything that one `write` each brought, since the last call. */
  take(): readonly string[];
  emit<Name extends keyof TtyEvents>(name: Name, event: TtyEvents[Name]): void;
  /** Keys, as a terminal sends them. */
  type(text: string): void;
  /** How many listen to anything. */
  listeners(): number;
}

export function createFakeTty(columns = 80, rows = 24): FakeTty {
  const emitter = new EventEmitter();
  let written: string[] = [];
  let isRaw = false;
  let isStopped = false;
  return {
    columns,
    rows,
    isFull: false,
    get isRaw() {
      return isRaw;
    },
    get isStopped() {
      return isStopped;
    },
    setRaw(wanted) {
      isRaw = wanted;
    },
    write(text) {
      if (!this.isFull) {
        written.push(text);
      }
      return !this.isFull;
    },
    on(name, listener) {
      emitter.on(name, listener);
      return { [Symbol.dispose]: () => emitter.off(name, listener) };
    },
    stop() {
      isStopped = true;
    },
    take() {
      const taken = written;
      written = [];
      return taken;
    },
    emit: (name, event) => emitter.emit(name, event),
    type: (text) => emitter.emit("input", Buffer.from(text)),
    listeners: () =>
      emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0),
  };
}
