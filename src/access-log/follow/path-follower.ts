// Keeps each followed path and the file that it names together: notices files that come, go, are
// renamed, replaced, cut off or written anew.
import type { FileStat } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import { isContentOf } from "./find-generations.ts";
import type { FollowedFile } from "./followed-file.ts";
import { isCompressedName } from "./handle-shelf.ts";
import { writeSlackMs } from "./late-files.ts";
import { baseOf, LeftFiles, type LeftFilesParts } from "./left-files.ts";
import type { FirstStart, PathSlot } from "./path-slot.ts";
import { generationsSince, isStill, placeFirst } from "./place-file.ts";

export interface PathFollowerParts extends LeftFilesParts {
  readonly isBackfill: boolean;
  readonly openPipe: (path: string) => void;
}

/** Looks at paths that are under way at once: enough for the system's threads. */
const statsAtOnce = 32;

const kindTexts = {
  folder: "is a folder; name the log files in it",
  socket: "is a socket, not a log file",
  device: "is a device, not a log file",
  pipe: "is a named pipe; name it alone, without * and the like",
} as const;

export class PathFollower {
  /** A path changed: others may have, too. */
  wantsScan = false;
  readonly #parts: PathFollowerParts;
  readonly #left: LeftFiles;

  constructor(parts: PathFollowerParts) {
    this.#parts = parts;
    this.#left = new LeftFiles(parts);
  }

  /** Something is going on that does not wait. */
  get isBusy(): boolean {
    const { table, scan } = this.#parts;
    return (
      this.#left.isPending ||
      [...table].some(({ phase }) => phase === "left") ||
      [...scan.slots.values()].some(
        ({ absentSinceMs, last }) => absentSinceMs !== undefined && last,
      )
    );
  }

  get problems(): readonly string[] {
    return this.#left.problems;
  }

  /**
   * Gives the files of an earlier life back to their paths, and puts aside what is not followed.
   * Before the first scan, which tells from the paths what is a generation of what.
   */
  takeKnown(nowMs: number): void {
    const { scan, table } = this.#parts;
    for (const file of table) {
      file.leftAtMs = nowMs;
      file.bytesAtMs = nowMs;
      if (file.phase === "live" && file.family === file.path && scan.matches(file.path)) {
        scan.addKnown(file.path, file.family).file ??= file;
      }
    }
    table.setFamilies((file) => scan.matches(file.path) || scan.matches(file.family));
  }

  /** The search for what came behind a file may have been interrupted. */
  async searchKnown(nowMs: number): Promise<void> {
    const left = [...this.#parts.table].filter(({ phase }) => phase === "left");
    for (const file of left) {
      await this.#left.search(baseOf(file), { anchor: file }, nowMs);
    }
  }

  /** After the first scan: files whose paths have dates, and those that are done. */
  #takeOthers(): void {
    const { scan, table } = this.#parts;
    for (const file of table) {
      const isLive = file.phase === "live" && file.family !== file.path;
      const slot = isLive ? scan.addKnown(file.path, file.family) : scan.slots.get(file.path);
      if (slot !== undefined && file.phase !== "left") {
        slot.file ??= file;
      }
    }
  }

  /** After a scan: paths that are followed no more have left their files. */
  noteScan(added: readonly PathSlot[], nowMs: number, isFirst: boolean): void {
    const { scan, table, counts } = this.#parts;
    this.wantsScan = false;
    if (isFirst) {
      this.#takeOthers();
    }
    for (const slot of isFirst ? [] : added) {
      counts.note(nowMs, "file_appeared", `${slot.path} appeared; reading it from its start.`);
    }
    for (const file of table) {
      if (file.phase === "live" && scan.slots.get(file.path)?.file !== file) {
        this.#leave(file, nowMs);
      }
    }
  }

  /** Looks at the paths whose turn it is. */
  async look(nowMs: number): Promise<void> {
    const due = [...this.#parts.scan.slots.values()].filter((slot) => slot.nextLookAtMs <= nowMs);
    for (let at = 0; at < due.length; at += statsAtOnce) {
      const slots = due.slice(at, at + statsAtOnce);
      const found = await Promise.allSettled(slots.map(({ path }) => this.#parts.files.stat(path)));
      for (const [index, slot] of slots.entries()) {
        const result = found[index];
        if (result?.status === "fulfilled") {
          await this.#trySee(slot, result.value, nowMs);
        } else {
          this.#failed(slot, result?.reason, nowMs);
        }
      }
    }
    await this.#left.searchAgain(nowMs);
  }

  /** None of the file's names is its own any more. */
  async wasGone(file: FollowedFile, nowMs: number): Promise<void> {
    const slot = this.#parts.scan.slots.get(file.path);
    if (slot?.file === file) {
      slot.nextLookAtMs = nowMs;
      file.retryAtMs = nowMs + 1;
    } else {
      await this.#left.wasGone(file, nowMs);
    }
  }

  /** All of a file that is over was read. */
  finish(file: FollowedFile, nowMs: number): Promise<void> {
    return this.#left.finish(file, nowMs);
  }

  /** What was in front of the place in the file is not there any more. */
  hasOtherContent(file: FollowedFile, nowMs: number): Promise<void> {
    // A generation with other content was written over by the next one (`cp` does so), which is
    // looked for among what is known; what is followed was written anew.
    return file.phase === "live"
      ? this.#left.restart(file, nowMs)
      : this.#left.wasAnother(file, nowMs);
  }

  /**
   * A generation that was empty may have got the content of another file (`cp` does so), which then
   * is read on there. False when its lines are its own.
   */
  async wasWrittenOver(file: FollowedFile, nowMs: number): Promise<boolean> {
    const handle = this.#parts.shelf.get(file);
    if (file.phase !== "left" || file.place.offset > 0 || handle === undefined) {
      return false;
    }
    for (const other of this.#parts.table.ofFamily(file.family)) {
      if (await isContentOf(other, handle.file)) {
        file.seenBytes = 0;
        await this.#left.wasAnother(file, nowMs);
        return true;
      }
    }
    return false;
  }

  async #trySee(slot: PathSlot, found: FileStat | undefined, nowMs: number): Promise<void> {
    try {
      await this.#see(slot, found, nowMs);
    } catch (error) {
      this.#failed(slot, error, nowMs);
    }
  }

  #failed(slot: PathSlot, error: unknown, nowMs: number): void {
    slot.problem = `${slot.path}: ${describeError(error)}; trying again`;
    slot.wasLookedAt(nowMs, false);
  }

  async #see(slot: PathSlot, found: FileStat | undefined, nowMs: number): Promise<void> {
    slot.problem = undefined;
    if (found?.kind === "pipe" && slot.isPlain) {
      slot.absentSinceMs = undefined;
      this.#parts.openPipe(slot.path);
      slot.wasLookedAt(nowMs, false);
    } else if (found?.kind === "file") {
      slot.absentSinceMs = undefined;
      await (slot.file?.isSameAs(found) === true
        ? this.#compare(slot, slot.file, found, nowMs)
        : this.#turn(slot, found, nowMs));
    } else {
      await this.#seeNoFile(slot, found, nowMs);
    }
  }

  async #seeNoFile(slot: PathSlot, found: FileStat | undefined, nowMs: number): Promise<void> {
    slot.wasLookedAt(nowMs, slot.file !== undefined);
    slot.problem =
      found === undefined || found.kind === "file"
        ? undefined
        : `${slot.path}: ${kindTexts[found.kind]}`;
    slot.absentSinceMs = found === undefined ? (slot.absentSinceMs ?? nowMs) : undefined;
    slot.first = undefined;
    slot.unknownSinceMs = Math.min(slot.unknownSinceMs, nowMs);
    if (slot.file !== undefined) {
      this.wantsScan = true;
      slot.last = slot.file;
      slot.file = undefined;
      this.#leave(slot.last, nowMs);
      if (slot.last.place.offset === 0) {
        await this.#left.searchBehind(slot.last, slot.last.now.sizeBytes, nowMs);
      }
    }
  }

  /** The path names the file that it named before. */
  async #compare(
    slot: PathSlot,
    file: FollowedFile,
    found: FileStat,
    nowMs: number,
  ): Promise<void> {
    const isCut =
      !isCompressedName(slot.path) && found.sizeBytes < file.place.offset + file.place.cutBytes;
    const { end } = file;
    const hasChanged = end?.sizeBytes !== found.sizeBytes || end.mtimeMs !== found.mtimeMs;
    slot.wasLookedAt(nowMs, hasChanged);
    const isUntouched = file.place.offset === 0 && file.mtimeMs > 0;
    if (isCut) {
      await this.#left.restart(file, nowMs);
    } else if (isUntouched && found.mtimeMs !== file.mtimeMs) {
      await this.#left.searchBehind(file, found.sizeBytes, nowMs);
      file.mtimeMs = found.mtimeMs;
    }
    file.now = found;
    if (hasChanged) {
      file.phase = "live";
      file.leftAtMs = 0;
      this.#parts.reader.add(file, nowMs);
    }
  }

  /** The path names another file than before, or its first one. */
  async #turn(slot: PathSlot, found: FileStat, nowMs: number): Promise<void> {
    const { counts, table } = this.#parts;
    slot.wasLookedAt(nowMs, true);
    const known = table.find(found);
    if (known !== undefined && (await this.#isElsewhere(known, slot))) {
      return;
    }
    const earlier = slot.file ?? slot.last ?? this.#latestOf(slot);
    const isKnown = known !== undefined && (await this.#isSame(known, slot, found));
    if (known !== undefined && !isKnown) {
      table.setIdentity(known, undefined);
    }
    const file = isKnown ? known : await this.#create(slot, found, earlier);
    const { first } = slot;
    const isUntouched = slot.file?.place.offset === 0;
    if (slot.file !== undefined) {
      this.#leave(slot.file, nowMs);
    }
    this.#give(slot, file, nowMs);
    if (first !== undefined) {
      await this.#searchFirst(slot, first, nowMs);
    } else if (earlier === undefined) {
      const writtenSinceMs = slot.unknownSinceMs - writeSlackMs;
      await this.#left.search(slot, { anchor: undefined, writtenSinceMs }, nowMs);
    } else if (earlier !== file) {
      this.wantsScan = true;
      counts.rotations++;
      counts.note(
        nowMs,
        "file_rotated",
        `${slot.path} names another file now; reading it from its start.`,
      );
      await (isUntouched
        ? this.#left.searchBehind(earlier, earlier.now.sizeBytes, nowMs)
        : this.#left.search(slot, { anchor: earlier }, nowMs));
    }
  }

  async #searchFirst(slot: PathSlot, first: FirstStart, nowMs: number): Promise<void> {
    const { isBackfill } = this.#parts;
    const writtenSinceMs = generationsSince(first, isBackfill, slot.hasGenerations);
    if (writtenSinceMs !== undefined) {
      const sinceMs = first.kind === "time" ? first.ms : undefined;
      await this.#left.search(slot, { anchor: undefined, writtenSinceMs, sinceMs }, nowMs);
    }
  }

  /** The file has another name at the same time, under which it is followed. */
  async #isElsewhere(known: FollowedFile, slot: PathSlot): Promise<boolean> {
    const { files, scan } = this.#parts;
    if (known.path === slot.path || scan.slots.get(known.path)?.file !== known) {
      return false;
    }
    const stat = await files.stat(known.path);
    return stat !== undefined && known.isSameAs(stat);
  }

  /** What is open keeps its inode; anything else may have come by it since. */
  async #isSame(known: FollowedFile, slot: PathSlot, found: FileStat): Promise<boolean> {
    const { shelf, files } = this.#parts;
    return shelf.get(known) !== undefined || isStill(known, slot.path, found, files);
  }

  async #create(
    slot: PathSlot,
    found: FileStat,
    earlier: FollowedFile | undefined,
  ): Promise<FollowedFile> {
    const { table, files, shelf, isBackfill } = this.#parts;
    const realPath = await files.realPath(slot.path);
    const file = table.create(slot.path, found);
    file.family = slot.family;
    file.realPath = realPath === slot.path ? undefined : realPath;
    file.state = earlier?.state;
    try {
      const isAtStart = slot.first === undefined || (isBackfill && slot.first.kind === "end");
      if (slot.first !== undefined && !isAtStart) {
        await placeFirst(file, slot.first, found, shelf);
      } else if (slot.first === undefined && !isCompressedName(slot.path)) {
        // When it is replaced before its turn comes, what is newer than it is known by this.
        file.mtimeMs = found.mtimeMs;
      }
    } catch (error) {
      await shelf.close(file);
      table.remove(file);
      throw error;
    }
    return file;
  }

  #give(slot: PathSlot, file: FollowedFile, nowMs: number): void {
    const former = this.#parts.scan.slots.get(file.path);
    if (former !== undefined && former !== slot && former.file === file) {
      former.last = file;
      former.file = undefined;
    }
    slot.first = undefined;
    slot.last = undefined;
    slot.file = file;
    file.path = slot.path;
    file.family = slot.family;
    if (file.phase !== "done") {
      file.phase = "live";
      this.#parts.reader.add(file, nowMs);
    }
  }

  #leave(file: FollowedFile, nowMs: number): void {
    if (file.phase === "live") {
      file.phase = "left";
      file.leftAtMs = nowMs;
      this.#parts.reader.add(file, nowMs);
    }
  }

  /** Dated names follow one another; none of them takes the place of the one before. */
  #latestOf({ family, stamp }: PathSlot): FollowedFile | undefined {
    const files = stamp === undefined ? this.#parts.table.ofFamily(family) : [];
    return files.toSorted((a, b) => b.order - a.order)[0];
  }
}
