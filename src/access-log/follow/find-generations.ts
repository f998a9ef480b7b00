// The earlier generations of a log that are beside it.
import type { Files, FileStat, ReadableFile } from "../../core/component.ts";
import { hasHead, hasTail } from "./content-mark.ts";
import type { FollowedFile } from "./followed-file.ts";
import { type Generation, isNewer, parseGeneration } from "./generations.ts";
import { openHandle } from "./handle-shelf.ts";

export interface FoundGeneration {
  readonly path: string;
  readonly stat: FileStat;
  readonly generation: Generation;
}

/** Of one log; rotation keeps a few dozen, or a few years of days. */
const generationsMax = 4000;

/**
 * Oldest first. A compressed one whose plain file is still there is not finished, and left out.
 * Rejects when the folder cannot be read.
 */
export async function findGenerations(path: string, files: Files): Promise<FoundGeneration[]> {
  const slashAt = path.lastIndexOf("/");
  const folder = path.slice(0, slashAt + 1);
  const base = path.slice(slashAt + 1);
  const entries = await files.list(folder === "" ? "." : folder.replace(/(.)\/$/, "$1"));
  const names = new Set(entries.map(({ name }) => name));
  const found: FoundGeneration[] = [];
  for (const { name } of entries) {
    const generation = parseGeneration(name, base);
    const isUnfinished = generation?.isCompressed === true && names.has(generation.plainName);
    if (generation === undefined || isUnfinished || found.length >= generationsMax) {
      continue;
    }
    const stat = await files.stat(folder + name);
    if (stat?.kind === "file") {
      found.push({ path: folder + name, stat, generation });
    }
  }
  return found.toSorted((one, other) => (isLater(one, other) ? 1 : -1));
}

/** By their names where these can be compared, else by their last writes. */
export function isLater(one: FoundGeneration, other: FoundGeneration): boolean {
  return isNewer(one.generation, other.generation) ?? one.stat.mtimeMs > other.stat.mtimeMs;
}

/** The generation begins as the file did, and has the same in front of the file's place. */
export async function isCopyOf(
  file: FollowedFile,
  { path }: FoundGeneration,
  files: Files,
): Promise<boolean> {
  if (file.place.offset === 0) {
    return false;
  }
  const handle = await openHandle(path, files);
  await using opened = handle.file;
  try {
    return await isContentOf(file, opened);
  } catch (error) {
    // What is damaged in front of the place cannot be recognised.
    if (handle.isCompressed) {
      return false;
    }
    throw error;
  }
}

/** What was read of the file stands at the start of the content; false when nothing was read. */
export async function isContentOf(
  { place, head }: FollowedFile,
  content: ReadableFile,
): Promise<boolean> {
  return (
    place.offset > 0 &&
    (await hasHead(content, head)) &&
    (await hasTail(content, place.offset, place.tail))
  );
}
