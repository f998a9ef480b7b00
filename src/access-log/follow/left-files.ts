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

interface PendingSearch {
  readonly place: Place;
  readonly search: Search;
  /** How often it was made, and how often it failed. */
  readonly times: number;
  readonly failures: number;
  readonly nextAtMs: number;
  readonly problem: string | undefined;
}

/**
 * A search is made again after so long each time: while files are being renamed, one of them may be
 * under neither of its names when it is looked for.
 */
const againAfterMs = [500, 1500, 4000];
const missingMsMax = 6000;
/** Failed searches before the rest of a file is given up. */
const failuresMax = 40;
const searchRetryMs = 1000;

export class LeftFiles {
  readonly #parts: LeftFilesParts;
  /** By family and anchor. */
  readonly #pending = new Map<string, PendingSearch>();
  /** Of the searches that are pending; see FamilySearch. */
  readonly #copies = new Set<string>();

  constructor(parts: LeftFilesParts) {
    this.#parts = parts;
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** What keeps generations from being found. */
  get problems(): readonly string[] {
    return [...this.#pending.values()].flatMap(({ problem }) => problem ?? []);
  }

  async searchAgain(nowMs: number): Promise<void> {
    for (const pending of this.#pending.values()) {
      if (pending.nextAtMs <= nowMs || pending.nextAtMs > nowMs + missingMsMax) {
        await this.#trySearch(pending, nowMs);
      }
    }
    // Content that has gone from its file may be in another one.
    const gone = [...this.#parts.table].filter(
      (file) => file.phase === "left" && file.identity.dev < 0,
    );
    for (const file of gone) {
      this.#parts.reader.remove(file);
      if (!this.#pending.has(toKey(file.family, file))) {
        await this.search(baseOf(file), { anchor: file }, nowMs);
      }
    }
  }

  /** Finds what the path named since the anchor. Never throws. */
  async search(place: Place, search: Search, nowMs: number): Promise<void> {
    const pending = { place, search, times: 0, failures: 0, nextAtMs: nowMs, problem: undefined };
    await this.#trySearch(pending, nowMs);
  }

  async #trySearch(pending: PendingSearch, nowMs: number): Promise<void> {
    const { place, search, times } = pending;
    const key = toKey(place.family, search.anchor);
    let { failures } = pending;
    let problem: string | undefined;
    try {
      await this.#searchBy(place, search, nowMs);
    } catch (error) {
      failures++;
      problem = `${place.path}: cannot look for its earlier files: ${describeError(error)}`;
    }
    const afterMs = problem === undefined ? againAfterMs[times] : searchRetryMs;
    if (afterMs !== undefined && failures <= failuresMax) {
      const isFailed = problem !== undefined;
      const nextAtMs = nowMs + afterMs;
      const next = { ...pending, times: times + (isFailed ? 0 : 1), failures, nextAtMs, problem };
      this.#pending.set(key, next);
      return;
    }
    this.#pending.delete(key);
    if (this.#pending.size === 0) {
      this.#copies.clear();
    }
    if (search.anchor?.phase === "left" && search.anchor.identity.dev < 0) {
      await this.finish(search.anchor, nowMs);
    }
  }

  /** The same file, cut off or with other content: what it was before may be in a copy of it. */
  async restart(file: FollowedFile, nowMs: number): Promise<void> {
    const { counts, table, reader } = this.#parts;
    const before = table.detach(file);
    before.leftAtMs = nowMs;
    // What was added while nobody looked, nobody knows.
    counts.isPartial ||= !file.isVerified;
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
      const isFound = stat !== undefined && file.isSameAs(stat);
      if (isFound && table.find(file.identity) === file) {
        return;
      }
      file.missingSinceMs = Math.min(file.missingSinceMs ?? nowMs, nowMs);
      if (nowMs - file.missingSinceMs >= missingMsMax) {
        await this.finish(file, nowMs);
      }
      file.retryAtMs = nowMs + searchRetryMs;
    } catch (error) {
      file.problem = `${file.family}: ${describeError(error)}; trying again`;
      file.retryAtMs = nowMs + searchRetryMs;
    }
  }

  /** All of a file that is over was read, or what is left cannot be found. */
  async finish(file: FollowedFile, nowMs: number): Promise<void> {
    const { reader, shelf, table, counts, scan } = this.#parts;
    const lostBytes = file.seenBytes - file.place.offset;
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
      copies: this.#copies,
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
  }
}

/** Families of dated files have no path of their own. */
export function baseOf({ path, family }: FollowedFile): Place {
  return { path: family.includes("%") ? path : family, family };
}

function toKey(family: string, anchor: FollowedFile | undefined): string {
  return JSON.stringify([family, anchor?.key]);
}
