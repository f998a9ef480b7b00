// What became of a file that has left its path, and which files its path named in between.
import type { Files } from "../../core/component.ts";
import type { FileTable } from "./file-table.ts";
import { type FoundGeneration, findGenerations, isCopyOf, isLater } from "./find-generations.ts";
import type { FollowedFile } from "./followed-file.ts";

export interface FamilySearch {
  readonly files: Files;
  readonly table: FileTable;
  /** The path whose generations are looked for. */
  readonly path: string;
  readonly family: string;
  /** The last file that the path was known to name: what is newer was never read. */
  readonly anchor: FollowedFile | undefined;
  /** Without an anchor: those that were written to since then; undefined for none. */
  readonly sinceMs: number | undefined;
  /** What is open is found by its handle, whatever its name. */
  isOpen(file: FollowedFile): boolean;
}

/**
 * Finds the family's files among the generations beside its path: renamed ones by identity, copied
 * and compressed ones by content. Adds to the table those that nothing was read of, oldest first,
 * with their places in the family's order; returns them. Rejects when the folder or a candidate
 * cannot be read.
 */
export async function searchFamily(search: FamilySearch): Promise<FollowedFile[]> {
  const { table, anchor, files } = search;
  const generations = await findAll(search);
  const located = new Map<FollowedFile, FoundGeneration>();
  const unknown: FoundGeneration[] = [];
  for (const generation of generations) {
    const known = table.find(generation.stat);
    if (known !== undefined && known.phase !== "live") {
      known.path = generation.path;
      located.set(known, generation);
    } else if (known === undefined) {
      unknown.push(generation);
    }
  }
  const unread: FoundGeneration[] = [];
  for (const generation of unknown) {
    const original = await findOriginal(search, located, generation);
    if (original === undefined) {
      unread.push(generation);
      continue;
    }
    located.set(original, generation);
    if (original.phase === "left" && !search.isOpen(original)) {
      original.path = generation.path;
      original.now = generation.stat;
      table.setIdentity(original, generation.stat);
    }
  }
  const place = anchor && located.get(anchor);
  const newer = await filterNewer(unread, search, place);
  return newer.map((generation, index) => addGeneration(search, generation, index));

  async function filterNewer(
    candidates: readonly FoundGeneration[],
    { sinceMs }: FamilySearch,
    at: FoundGeneration | undefined,
  ): Promise<FoundGeneration[]> {
    if (at !== undefined) {
      return candidates.filter((each) => isLater(each, at));
    }
    const afterMs = anchor === undefined ? (sinceMs ?? Infinity) : await lastWrite(anchor, files);
    return candidates.filter(({ stat }) => stat.mtimeMs > afterMs);
  }
}

async function findAll({ path, anchor, files }: FamilySearch): Promise<FoundGeneration[]> {
  const paths = new Set([path, anchor?.realPath ?? path]);
  const found: FoundGeneration[] = [];
  for (const each of paths) {
    found.push(...(await findGenerations(each, files)));
  }
  return found;
}

/** The known file of which a generation is a copy, or which was compressed into it. */
async function findOriginal(
  { table, family, files, anchor }: FamilySearch,
  located: ReadonlyMap<FollowedFile, FoundGeneration>,
  generation: FoundGeneration,
): Promise<FollowedFile | undefined> {
  for (const file of table.ofFamily(family)) {
    // Copying and compressing keep the time of the last write, to the second, or set it anew; only
    // the clock may have gone back.
    const wasWritten = generation.stat.mtimeMs >= file.mtimeMs - 1000 || file === anchor;
    const isMissing = file.phase !== "live" && !located.has(file);
    if (isMissing && wasWritten && (await isCopyOf(file, generation, files))) {
      return file;
    }
  }
  return undefined;
}

/** A file that is nowhere to be found has been written to until then. */
async function lastWrite(anchor: FollowedFile, files: Files): Promise<number> {
  const stat = await files.stat(anchor.path);
  return stat !== undefined && anchor.isSameAs(stat) ? stat.mtimeMs : anchor.mtimeMs;
}

function addGeneration(
  { table, family, anchor }: FamilySearch,
  { path, stat }: FoundGeneration,
  index: number,
): FollowedFile {
  const file = table.create(path, stat);
  file.family = family;
  file.phase = "left";
  file.state = anchor?.state;
  // Behind the anchor and in front of the file that the path names now, whose order is whole.
  file.order = (anchor?.order ?? 0) + (index + 1) / 10_000;
  return file;
}
