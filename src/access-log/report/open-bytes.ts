// The bytes of a file, a pipe or standard input as they come.

import { createReadStream, fstatSync, openSync } from "node:fs";
import net from "node:net";
import type { Readable } from "node:stream";
import tty from "node:tty";
import { standardInput } from "./scan-request.ts";

const blockBytes = 512 * 1024;

/** Also in a worker, where `process.stdin` goes through the main thread. */
export function openBytes(path: string): Readable {
  return path === standardInput
    ? openDescriptor(0)
    : createReadStream(path, { highWaterMark: blockBytes });
}

/** Pipes and sockets are waited for by the event loop, so that a stop need not wait for them. */
function openDescriptor(fd: number): Readable {
  if (tty.isatty(fd)) {
    return new tty.ReadStream(fd);
  }
  const found = fstatSync(fd);
  if (found.isFIFO() || found.isSocket()) {
    return new net.Socket({ fd, readable: true, writable: false });
  }
  return createReadStream("", { fd, autoClose: false, highWaterMark: blockBytes });
}

/** For reading at positions, without waiting for a writer. */
export function openFile(path: string): number {
  return openSync(path, "r");
}
