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

/** A path whose generations are looked for. */
export type Place = Pick<FollowedFile, "path" | "family">;

interface FailedSearch {
  readonly place: Place;
  readonly search: Search;
  readonly failures: number;
  readonly problem: string;
}

/** Searches for the generations of a path before the rest of a file is given up. */
const searchesMax = 40;
const searchRetryMs = 10_000;

export class LeftFiles {
  readonly #parts: LeftFilesParts;
  /** Searches that are to be tried again, by family. */
  readonly #failed = new Map<string, FailedSearch>();

  constructor(parts: LeftFilesParts) {
    this.#parts = parts;
  }

  /** What keeps generations from being found. */
  get problems(): readonly string[] {
    return Array.from(this.#failed.values(), ({ problem }) => problem);
  }

  async searchAgain(nowMs: number): Promise<void> {
    for (const { place, search, failures } of this.#failed.values()) {
      await this.search(place, search, nowMs, failures);
    }
  }

  /** Finds what the path named since the anchor. Never throws. */
  async search(place: Place, search: Search, nowMs: number, failures = 0): Promise<void> {
    const { path, family } = place;
    this.#failed.delete(family);
    try {
      await this.#searchBy(place, search, nowMs);
    } catch (error) {
      if (failures < searchesMax) {
        const problem = `${path}: cannot look for its earlier files: ${describeError(error)}`;
        this.#failed.set(family, { place, search, failures: failures + 1, problem });
      } else {
        await this.#giveUp(family, nowMs);
      }
    }
  }

  /** The same file, cut off or with other content: what it was before may be in a copy of it. */
  async restart(file: FollowedFile, nowMs: number): Promise<void> {
    const { counts, table, reader } = this.#parts;
    const before = table.detach(file);
    before.leftAtMs = nowMs;
    file.restart();
    reader.add(file, nowMs);
    counts.truncations++;
    counts.note(
      nowMs,
      "file_truncated",
      `${file.path} was truncated or written anew; reading it from its start.`,
    );
    await this.search(baseOf(file), { anchor: before }, nowMs);
  }

  /** A file that was taken for it has other content. */
  async wasAnother(file: FollowedFile, nowMs: number): Promise<void> {
    await this.#parts.shelf.close(file);
    this.#parts.table.setIdentity(file, undefined);
    await this.search(baseOf(file), { anchor: file }, nowMs);
  }

  /**
   * Nothing of the file was read, and it was written to: nothing tells whether it was copied and
   * truncated before that.
   */
  async searchBehind(file: FollowedFile, sizeBytes: number, nowMs: number): Promise<void> {
    const before = this.#parts.table.detach(file);
    before.leftAtMs = nowMs;
    before.seenBytes = sizeBytes < file.seenBytes ? file.seenBytes : 0;
    file.seenBytes = 0;
    await this.search(baseOf(file), { anchor: before }, nowMs);
  }

  /** None of the file's names is its own any more. */
  async wasGone(file: FollowedFile, nowMs: number): Promise<void> {
    const { table, files } = this.#parts;
    try {
      await this.#searchBy(baseOf(file), { anchor: undefined }, nowMs);
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
    { path, family }: Place,
    { anchor, writtenSinceMs, sinceMs }: Search,
    nowMs: number,
  ): Promise<void> {
    const { files, table, shelf, reader, counts } = this.#parts;
    const unread = await searchFamily({
      files,
      table,
      path,
      family,
      anchor,
      sinceMs: writtenSinceMs,
      handleOf: (file) => shelf.get(file)?.file,
    });
    if (anchor?.place.offset === 0 && unread.length > 0) {
      // What was seen of it is at the start of one of them.
      anchor.seenBytes = 0;
    }
    for (const file of unread) {
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

/** Families of dated files have no path of their own. */
function baseOf({ path, family }: FollowedFile): Place {
  return { path: family.includes("%") ? path : family, family };
}
