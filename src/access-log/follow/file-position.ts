import { crc32 } from "node:zlib";
import { z } from "zod";
import type { FileStat, ReadableFile } from "../../core/component.ts";
import { tailBytesMax, type LinePlace } from "./line-buffer.ts";

/**
 * A place in a file that outlives the process. Device and inode alone do not name a file, because
 * an inode is used again; the checksum is that of the `checkBytes` bytes before the offset.
 */
export const filePositionSchema = z.strictObject({
  path: z.string(),
  dev: z.number(),
  ino: z.number(),
  offset: z.number(),
  checkBytes: z.number().max(tailBytesMax),
  checksum: z.number(),
});

export type FilePosition = z.output<typeof filePositionSchema>;

export function toFilePosition(
  path: string,
  { dev, ino }: FileStat,
  place: LinePlace,
): FilePosition {
  const { offset, tail } = place;
  return { path, dev, ino, offset, checkBytes: tail.length, checksum: crc32(tail) };
}

/**
 * The place to go on from when `file` is the one that `position` was taken of, not changed before
 * it; else undefined.
 */
export async function findPlace(
  position: FilePosition,
  file: ReadableFile,
): Promise<LinePlace | undefined> {
  const { dev, ino, sizeBytes } = await file.stat();
  const { offset, checkBytes } = position;
  if (dev !== position.dev || ino !== position.ino || sizeBytes < offset) {
    return undefined;
  }
  const tail = Buffer.alloc(checkBytes);
  const read = await file.read(tail, offset - checkBytes);
  return read === checkBytes && crc32(tail) === position.checksum ? { offset, tail } : undefined;
}

/** The start of a file. */
export const fileStart: LinePlace = { offset: 0, tail: Buffer.alloc(0) };

/** Behind the last whole line of a file. */
export async function findLastLineEnd(file: ReadableFile): Promise<LinePlace> {
  const { sizeBytes } = await file.stat();
  const window = Buffer.alloc(64 * 1024);
  for (let to = sizeBytes; to > 0;) {
    const from = Math.max(0, to - window.length);
    const read = await file.read(window.subarray(0, to - from), from);
    const newlineAt = window.subarray(0, read).lastIndexOf(0x0a);
    if (newlineAt >= 0) {
      return readPlace(file, from + newlineAt + 1);
    }
    to = from;
  }
  return fileStart;
}

async function readPlace(file: ReadableFile, offset: number): Promise<LinePlace> {
  const tail = Buffer.alloc(Math.min(tailBytesMax, offset));
  const read = await file.read(tail, offset - tail.length);
  return { offset, tail: tail.subarray(0, read) };
}
