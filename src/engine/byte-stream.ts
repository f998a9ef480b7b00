import { constants, createReadStream, fstatSync, openSync } from "node:fs";
import net from "node:net";
import type { Readable } from "node:stream";
import tty from "node:tty";
import type { ByteStream } from "../core/component.ts";

/** What waits to be taken; beyond it, the writer is made to wait. */
const bufferBytes = 1024 * 1024;

/** Opens a named pipe without waiting for its writer, or standard input, which is `-`. Throws when it cannot. */
export async function openByteStream(path: string): Promise<ByteStream> {
  const source = path === "-" ? openDescriptor(0) : openDescriptor(openPipe(path));
  let isEnded = false;
  let broken: Error | undefined;
  source.on("end", () => {
    isEnded = true;
  });
  source.on("close", () => {
    isEnded = true;
  });
  source.on("error", (error) => {
    broken = error;
  });
  let rest: Uint8Array = new Uint8Array(0);
  // The first read starts the flow into the buffer.
  source.read(0);
  return {
    get isEnded() {
      return isEnded && rest.length === 0 && source.readableLength === 0;
    },
    read(into) {
      if (rest.length === 0) {
        const chunk: unknown = source.read();
        rest = chunk instanceof Uint8Array ? chunk : rest;
      }
      if (rest.length === 0 && broken !== undefined) {
        throw broken;
      }
      const taken = rest.subarray(0, into.length);
      into.set(taken);
      rest = rest.subarray(taken.length);
      return taken.length;
    },
    async [Symbol.asyncDispose]() {
      source.destroy();
    },
  };
}

/** A reader that does not block: its open does not wait for a writer. */
function openPipe(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** Pipes and sockets are waited for by the event loop, so that a stop need not wait for them. */
function openDescriptor(fd: number): Readable {
  const found = fstatSync(fd);
  if (tty.isatty(fd)) {
    return new tty.ReadStream(fd);
  }
  if (found.isFIFO() || found.isSocket()) {
    const options = { fd, readable: true, writable: false, readableHighWaterMark: bufferBytes };
    return new net.Socket(options);
  }
  return createReadStream("", { fd, autoClose: fd !== 0, highWaterMark: bufferBytes });
}
