// The bytes of a file, a pipe or standard input as they come.

import { constants, createReadStream, fstatSync, openSync, statSync } from "node:fs";
import net from "node:net";
import type { Readable } from "node:stream";
import tty from "node:tty";
import { standardInput } from "./scan-request.ts";

const blockBytes = 512 * 1024;

/**
 * Also in a worker, where `process.stdin` goes through the main thread. A named pipe is
 * opened without waiting for its writer, since that wait could not be stopped.
 */
export function openBytes(path: string): Readable {
  if (path === standardInput) {
    return openDescriptor(0);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() === true) {
    return openDescriptor(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  }
  return createReadStream(path, { highWaterMark: blockBytes });
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
