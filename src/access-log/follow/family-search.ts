// What became of a file that has left its path, and which files its path named in between.
import type { Files, ReadableFile } from "../../core/component.ts";
import { type ContentMark, hasHead, readHead } from "./content-mark.ts";
import type { FileTable } from "./file-table.ts";
import { type FoundGeneration, findGenerations, isCopyOf, isLater } from "./find-generations.ts";
import type { FollowedFile } from "./followed-file.ts";
import { openHandle } from "./handle-shelf.ts";

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
  /**
   * Generations that were found to be copies of what is followed, by device and inode: they are none
   * of what was never read, also when their originals change afterwards.
   */
  readonly copies: Set<string>;
  /** What is open is read by its handle, whatever became of its names. */
  readonly handleOf: (file: FollowedFile) => ReadableFile | undefined;
}

/**
 * Finds the family's files among the generations beside its path: renamed ones by identity, copied
 * and compressed ones by content. Adds to the table those that nothing was read of, oldest first,
 * with their places in the family's order; returns them. Rejects when the folder or a candidate
 * cannot be read.
 */
export async function searchFamily(search: FamilySearch): Promise<FollowedFile[]> {
  const { anchor, files, path } = search;
  const generations = await findAll(search);
  const located = new Map<FollowedFile, FoundGeneration>();
  const unknown: FoundGeneration[] = [];
  const reused = new Set<FoundGeneration>();
  for (const generation of generations) {
    const hadInode = search.table.find(generation.stat) !== undefined;
    const known = findKnown(search, generation);
    if (hadInode && known === undefined) {
      reused.add(generation);
    }
    if (known !== undefined && known.phase !== "live") {
      known.path = generation.path;
      located.set(known, generation);
    } else if (known === undefined) {
      unknown.push(generation);
    }
  }
  const unread: FoundGeneration[] = [];
  // The newest copy first: it may hold more than an earlier one, which then is of no interest.
  for (const generation of unknown.toReversed()) {
    const original = await findOriginal(search, generation);
    if (original === undefined) {
      unread.unshift(generation);
      continue;
    }
    search.copies.add(toKey(generation));
    if (!located.has(original)) {
      located.set(original, generation);
      takeOver(search, original, generation);
    }
  }
  const place = anchor && located.get(anchor);
  const newer = await filterNewer(
    unread.filter(({ stat }) => stat.mtimeMs > search.table.forgottenMs(search.family)),
    search,
    place,
  );
  const followed = [path, ...Array.from(located.values(), (generation) => generation.path)];
  const kept = await dropCopies(newer, { followed, reused }, search);
  return kept.map((generation, index) => addGeneration(search, generation, index));

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

/**
 * By identity. Of a file of which nothing was read, the content says nothing: when it was written to
 * since then, the inode may be that of another one.
 */
function findKnown(
  { table, handleOf }: FamilySearch,
  { stat }: FoundGeneration,
): FollowedFile | undefined {
  const known = table.find(stat);
  const isSure =
    known === undefined ||
    known.phase === "live" ||
    known.place.offset > 0 ||
    handleOf(known) !== undefined ||
    (stat.mtimeMs === known.now.mtimeMs && stat.sizeBytes === known.now.sizeBytes) ||
    stat.mtimeMs === known.mtimeMs;
  if (!isSure) {
    table.setIdentity(known, undefined);
  }
  return isSure ? known : undefined;
}

async function findAll({ path, anchor, files }: FamilySearch): Promise<FoundGeneration[]> {
  const paths = new Set([path, anchor?.realPath ?? path]);
  const found: FoundGeneration[] = [];
  for (const each of paths) {
    found.push(...(await findGenerations(each, files)));
  }
  return found;
}

/**
 * The known file of which a generation is a copy, or which was compressed into it. A copy of what is
 * live may be the first step of a rotation, of which the second is to come.
 */
async function findOriginal(
  { table, family, files, anchor }: FamilySearch,
  generation: FoundGeneration,
): Promise<FollowedFile | undefined> {
  for (const file of table.ofFamily(family)) {
    // Copying and compressing keep the time of the last write, to the second, or set it anew; only
    // the clock may have gone back.
    const wasWritten = generation.stat.mtimeMs >= file.mtimeMs - 1000 || file === anchor;
    if (wasWritten && (await isCopyOf(file, generation, files))) {
      return file;
    }
  }
  return undefined;
}

interface Followed {
  readonly followed: readonly string[];
  /** Those with the inodes of files of which nothing was read: likely these files themselves. */
  readonly reused: ReadonlySet<FoundGeneration>;
}

/** A copy of what is followed anyway, and was not truncated, is read there. */
async function dropCopies(
  generations: readonly FoundGeneration[],
  { followed, reused }: Followed,
  { files, table, family, handleOf, copies }: FamilySearch,
): Promise<FoundGeneration[]> {
  const kept = new Set<FoundGeneration>();
  const paths = [...followed];
  const open = table.ofFamily(family).flatMap((file) => handleOf(file) ?? []);
  // The newest copy is the longest; an original that is as long is written on.
  const longest = Math.max(...generations.map(({ stat }) => stat.sizeBytes));
  const isOriginal = (each: FoundGeneration): boolean =>
    reused.has(each) && each.stat.sizeBytes === longest;
  const latestFirst = generations.toReversed();
  const inOrder = [
    ...latestFirst.filter(isOriginal),
    ...latestFirst.filter((each) => !isOriginal(each)),
  ];
  for (const generation of inOrder) {
    if (copies.has(toKey(generation))) {
      continue;
    }
    const handle = await openHandle(generation.path, files);
    await using opened = handle.file;
    const head = await readHead(opened, Number.MAX_SAFE_INTEGER);
    const isCopy = head[0] > 0 && (await isHeadOfOne(head, { paths, open, files }));
    if (isCopy) {
      copies.add(toKey(generation));
    } else {
      kept.add(generation);
      paths.push(generation.path);
    }
  }
  return generations.filter((each) => kept.has(each));
}

async function isHeadOfOne(
  head: ContentMark,
  others: {
    readonly paths: readonly string[];
    readonly open: readonly ReadableFile[];
    readonly files: Files;
  },
): Promise<boolean> {
  for (const file of others.open) {
    if (await hasHead(file, head)) {
      return true;
    }
  }
  for (const path of others.paths) {
    const stat = await others.files.stat(path);
    if (stat?.kind === "file") {
      const handle = await openHandle(path, others.files);
      await using opened = handle.file;
      if (await hasHead(opened, head)) {
        return true;
      }
    }
  }
  return false;
}

/** What is open is read by its handle, whatever became of its names. */
function takeOver(
  { table, handleOf }: FamilySearch,
  file: FollowedFile,
  { path, stat }: FoundGeneration,
): void {
  if (file.phase === "left" && handleOf(file) === undefined) {
    file.path = path;
    file.now = stat;
    table.setIdentity(file, stat);
  }
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

function toKey({ stat }: FoundGeneration): string {
  return `${stat.dev}:${stat.ino}`;
}
