// Where reading begins in a file, and whether it is the one that was read before.
import type { Files, FileStat } from "../../core/component.ts";
import { findLastLineEnd, hasHead, hasTail, readHead, readTail } from "./content-mark.ts";
import type { FollowedFile } from "./followed-file.ts";
import { type HandleShelf, isCompressedName, openHandle } from "./handle-shelf.ts";
import type { FirstStart } from "./path-slot.ts";

/** Clocks differ; a file that was last written so long before a time holds nothing of it. */
export const clockSlackMs = 60_000;

/** Of a file that was there at the first look. Rejects when it has to be opened and cannot be. */
export async function placeFirst(
  file: FollowedFile,
  first: FirstStart,
  found: FileStat,
  shelf: HandleShelf,
): Promise<void> {
  file.sinceMs = first.kind === "time" ? first.ms : undefined;
  const isOld = first.kind === "time" && found.mtimeMs < first.ms - clockSlackMs;
  if (first.kind !== "end" && !isOld) {
    return;
  }
  if (isCompressedName(file.path)) {
    file.phase = "done";
    file.end = found;
    return;
  }
  const handle = await shelf.take(file);
  if (handle === undefined) {
    throw new Error("it changed while it was opened");
  }
  const offset = await findLastLineEnd(handle.file);
  file.place = { offset, tail: await readTail(handle.file, offset), cutBytes: 0 };
  file.head = await readHead(handle.file, offset);
  file.seenBytes = found.sizeBytes;
  file.mtimeMs = found.mtimeMs;
}

/** Inodes are used again: only the content tells whether the path names the file that is known. */
export async function isStill(
  known: FollowedFile,
  path: string,
  found: FileStat,
  files: Files,
): Promise<boolean> {
  const { offset, tail } = known.place;
  if (offset === 0) {
    return false;
  }
  const handle = await openHandle(path, files);
  await using opened = handle.file;
  return (
    (handle.isCompressed || found.sizeBytes >= offset) &&
    (await hasHead(opened, known.head)) &&
    (await hasTail(opened, offset, tail))
  );
}

/** Generations to be read at a first start: those that were written to since then. */
export function generationsSince(
  first: FirstStart,
  isBackfill: boolean,
  hasGenerations: boolean,
): number | undefined {
  if (first.kind === "time") {
    return first.ms - clockSlackMs;
  }
  return isBackfill || (first.kind === "start" && hasGenerations) ? -Infinity : undefined;
}
