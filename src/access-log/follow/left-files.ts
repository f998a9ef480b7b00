// Files that have left their paths: where they are now, and what else has been in their places.
import type { Files } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import { searchFamily } from "./family-search.ts";
import type { FileReader } from "./file-reader.ts";
import type { FileTable } from "./file-table.ts";
import type { FollowedFile } from "./followed-file.ts";
import type { FollowingCounts } from "./following-counts.ts";
import type { HandleShelf } from "./handle-shelf.ts";
import type { PathScan } from "./path-scan.ts";
import type { PathSlot } from "./path-slot.ts";

export interface LeftFilesParts {
  readonly files: Files;
  readonly scan: PathScan;
  readonly table: FileTable;
  readonly shelf: HandleShelf;
  readonly reader: FileReader;
  readonly counts: FollowingCounts;
}

export interface Search {
  /** The file that the path named last; undefined at a first start. */
  readonly anchor: FollowedFile | undefined;
  /** At a first start: the generations written to since then are read. */
  readonly writtenSinceMs?: number | undefined;
  /** Lines of earlier times do not count. */
  readonly sinceMs?: number | undefined;
}

interface PendingSearch extends Search {
  readonly failures: number;
}

/** Searches for the generations of a path before the rest of a file is given up. */
const searchesMax = 40;
const searchRetryMs = 10_000;

export class LeftFiles {
  readonly #parts: LeftFilesParts;
  /** Searches that failed, to be tried again. */
  readonly #pending = new Map<PathSlot, PendingSearch>();

  constructor(parts: LeftFilesParts) {
    this.#parts = parts;
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  async searchAgain(nowMs: number): Promise<void> {
    for (const [slot, search] of this.#pending) {
      await this.search(slot, search, nowMs);
    }
  }

  /** Finds what the path named since the anchor. Never throws. */
  async search(slot: PathSlot, search: Search | PendingSearch, nowMs: number): Promise<void> {
    const { path, family } = slot;
    this.#pending.delete(slot);
    try {
      await this.#searchBy({ path, family }, search, nowMs);
    } catch (error) {
      const failures = "failures" in search ? search.failures + 1 : 1;
      slot.problem = `${slot.path}: ${describeError(error)}; trying again`;
      if (failures < searchesMax) {
        this.#pending.set(slot, { ...search, failures });
      } else {
        await this.#giveUp(family, nowMs);
      }
    }
  }

  /** None of the file's names is its own any more. */
  async wasGone(file: FollowedFile, nowMs: number): Promise<void> {
    const { table, files } = this.#parts;
    try {
      await this.#searchBy(
        { path: file.family, family: file.family },
        { anchor: undefined },
        nowMs,
      );
      const stat = await files.stat(file.path);
      if (table.find(file.identity) !== file || stat === undefined || !file.isSameAs(stat)) {
        await this.finish(file, nowMs);
      }
    } catch (error) {
      file.problem = `${file.family}: ${describeError(error)}; trying again`;
      file.retryAtMs = nowMs + searchRetryMs;
    }
  }

  /** All of a file that is over was read, or what is left cannot be found. */
  async finish(file: FollowedFile, nowMs: number): Promise<void> {
    const { reader, shelf, table, counts, scan } = this.#parts;
    const lostBytes = file.seenBytes - file.place.offset;
    // What was added while nobody looked, nobody knows.
    counts.isPartial ||= lostBytes > 0 || !file.isVerified;
    if (lostBytes > 0) {
      counts.lostBytes += lostBytes;
      counts.note(
        nowMs,
        "file_bytes_lost",
        `${file.path}: ${lostBytes} bytes were destroyed before they could be read.`,
      );
    }
    if (file.phase === "left" && scan.slots.get(file.family)?.file === undefined) {
      counts.note(nowMs, "file_gone", `${file.family} is gone; all that was left of it is read.`);
    }
    reader.remove(file);
    await shelf.close(file);
    file.phase = "done";
    if (table.find(file.identity) !== file || file.identity.dev < 0) {
      table.remove(file);
    }
  }

  async #searchBy(
    { path, family }: Pick<PathSlot, "path" | "family">,
    { anchor, writtenSinceMs, sinceMs }: Search,
    nowMs: number,
  ): Promise<void> {
    const { files, table, shelf, reader, counts } = this.#parts;
    const isOpen = (file: FollowedFile): boolean => shelf.get(file) !== undefined;
    const given = { files, table, path, family, anchor, sinceMs: writtenSinceMs, isOpen };
    for (const file of await searchFamily(given)) {
      file.leftAtMs = nowMs;
      file.sinceMs = sinceMs;
      counts.rotations += anchor === undefined ? 0 : 1;
      reader.add(file, nowMs);
    }
    await this.#giveUp(family, nowMs);
  }

  /** Content that has gone from its file, and of which there is no copy. */
  async #giveUp(family: string, nowMs: number): Promise<void> {
    for (const file of this.#parts.table.ofFamily(family)) {
      if (file.phase === "left" && file.identity.dev < 0) {
        await this.finish(file, nowMs);
      }
    }
  }
}
