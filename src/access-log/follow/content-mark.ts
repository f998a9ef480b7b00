// What tells a file by what is in it: an inode is used again, and a compressed copy has its own.
import { crc32 } from "node:zlib";
import { z } from "zod";
import type { ReadableFile } from "../../core/component.ts";

/** Some bytes of a file, known by their number and their checksum alone. */
export const contentMarkSchema = z.tuple([z.number(), z.number()]);
export type ContentMark = readonly [bytes: number, checksum: number];

export const noMark: ContentMark = [0, 0];

/** How many bytes in front of the place in a file are remembered. */
export const tailBytesMax = 64;
/** How many bytes of the beginning are remembered, once there are so many. */
export const headBytesMax = 1024;
/** Lines that begin with `#` are the same in all logs of a server (W3C); they tell nothing. */
const headerBytesMax = 8 * 1024;

const newline = 0x0a;
const hash = 0x23;

export function toMark(bytes: Uint8Array): ContentMark {
  return [bytes.length, crc32(bytes)];
}

/** Of the bytes in front of `offset`. */
export async function readTail(file: ReadableFile, offset: number): Promise<ContentMark> {
  const bytes = Buffer.alloc(Math.min(tailBytesMax, offset));
  const read = await file.read(bytes, offset - bytes.length);
  return toMark(bytes.subarray(0, read));
}

export async function hasTail(
  file: ReadableFile,
  offset: number,
  [count, checksum]: ContentMark,
): Promise<boolean> {
  const bytes = Buffer.alloc(count);
  return (
    (await file.read(bytes, offset - count)) === count &&
    crc32(bytes) === checksum &&
    (count > 0 || offset === 0)
  );
}

/** Of the first bytes that are no header lines and stand in front of `offset`. */
export async function readHead(file: ReadableFile, offset: number): Promise<ContentMark> {
  const bytes = await readStart(file, Math.min(offset, headerBytesMax + headBytesMax));
  return toMark(bytes.subarray(0, headBytesMax));
}

export async function hasHead(
  file: ReadableFile,
  [count, checksum]: ContentMark,
): Promise<boolean> {
  const bytes = await readStart(file, headerBytesMax + headBytesMax);
  return bytes.length >= count && crc32(bytes.subarray(0, count)) === checksum;
}

async function readStart(file: ReadableFile, bytesMax: number): Promise<Buffer> {
  const bytes = Buffer.alloc(bytesMax);
  const read = await file.read(bytes, 0);
  let at = 0;
  while (bytes[at] === hash && at < read) {
    const lineEnd = bytes.subarray(0, read).indexOf(newline, at);
    if (lineEnd < 0) {
      return Buffer.alloc(0);
    }
    at = lineEnd + 1;
  }
  return bytes.subarray(at, read);
}

/** Behind the last whole line of a file. */
export async function findLastLineEnd(file: ReadableFile): Promise<number> {
  const { sizeBytes } = await file.stat();
  const window = Buffer.alloc(64 * 1024);
  for (let to = sizeBytes; to > 0;) {
    const from = Math.max(0, to - window.length);
    const read = await file.read(window.subarray(0, to - from), from);
    const newlineAt = window.subarray(0, read).lastIndexOf(newline);
    if (newlineAt >= 0) {
      return from + newlineAt + 1;
    }
    to = from;
  }
  return 0;
}
