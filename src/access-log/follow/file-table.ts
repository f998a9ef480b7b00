// Every file that is known, by identity and by family.
import type { FileStat } from "../../core/component.ts";
import { FollowedFile, type FileIdentity } from "./followed-file.ts";
import type { LineBuffer } from "./line-buffer.ts";
import type { StoredFile } from "./stored-files.ts";

/** Files of a family that are read to their end and remembered, so that they are not read again. */
const doneMax = 16;
const doneOfAllMax = 1000;
/** Files of paths that are not followed now: a slip in the configuration is mended without loss. */
const formerMax = 64;

/** No file has it. */
const noIdentity: FileIdentity = { dev: -1, ino: -1 };

export class FileTable {
  readonly #lines: LineBuffer;
  readonly #files = new Set<FollowedFile>();
  readonly #byIdentity = new Map<string, FollowedFile>();
  /** By family: the last write to files that are read and forgotten. What is not younger is not new. */
  readonly #forgottenMs: Map<string, number>;
  /** Of paths that are not followed now. */
  #former: StoredFile[] = [];
  #keys = 0;
  #orders = 0;

  constructor(
    stored: readonly StoredFile[],
    lines: LineBuffer,
    forgottenMs: Readonly<Record<string, number>> = {},
  ) {
    this.#forgottenMs = new Map(Object.entries(forgottenMs));
    this.#lines = lines;
    for (const each of stored) {
      const file = FollowedFile.fromStored(String(++this.#keys), each, lines);
      file.order = ++this.#orders;
      this.#add(file);
    }
  }

  [Symbol.iterator](): IterableIterator<FollowedFile> {
    return this.#files.values();
  }

  create(path: string, stat: FileStat): FollowedFile {
    const file = new FollowedFile(String(++this.#keys), path, stat, this.#lines);
    file.order = ++this.#orders;
    file.now = stat;
    this.#add(file);
    return file;
  }

  /** What a file was whose content has gone from it, without an identity until a copy is found. */
  detach(file: FollowedFile): FollowedFile {
    const { path, realPath, family, place, head, seenBytes, mtimeMs, order } = file;
    const now = { sizeBytes: seenBytes, mtimeMs };
    const left = this.create(path, { ...now, ...noIdentity, kind: "file" });
    Object.assign(left, { realPath, family, place, head, seenBytes, mtimeMs, order });
    left.isVerified = file.isVerified;
    left.state = file.state;
    left.sinceMs = file.sinceMs;
    left.phase = "left";
    file.order = ++this.#orders;
    return left;
  }

  find(identity: FileIdentity): FollowedFile | undefined {
    return this.#byIdentity.get(toKey(identity));
  }

  ofFamily(family: string): FollowedFile[] {
    return [...this.#files].filter((file) => file.family === family);
  }

  setIdentity(file: FollowedFile, identity: FileIdentity | undefined): void {
    if (this.find(file.identity) === file) {
      this.#byIdentity.delete(toKey(file.identity));
    }
    const { dev, ino } = identity ?? noIdentity;
    file.identity = { dev, ino };
    this.#byIdentity.set(toKey(file.identity), file);
  }

  remove(file: FollowedFile): void {
    this.#files.delete(file);
    if (this.find(file.identity) === file) {
      this.#byIdentity.delete(toKey(file.identity));
    }
  }

  forgottenMs(family: string): number {
    return this.#forgottenMs.get(family) ?? -Infinity;
  }

  get forgotten(): Record<string, number> {
    return Object.fromEntries(this.#forgottenMs);
  }

  /** The clock was set back: what is written from now on is new. */
  noteClock(nowMs: number): void {
    for (const [family, ms] of this.#forgottenMs) {
      this.#forgottenMs.set(family, Math.min(ms, nowMs));
    }
  }

  /** Puts aside the files of families that are not followed, and takes back those that are. */
  setFamilies(isFollowed: (file: FollowedFile) => boolean): void {
    for (const file of this.#files) {
      if (!isFollowed(file)) {
        this.#former.unshift(file.stored);
        this.remove(file);
      }
    }
    this.#former = this.#former.slice(0, formerMax);
  }

  /** Forgets files that are done, but for the last of each family and those that `isKept`. */
  trim(isKept: (file: FollowedFile) => boolean): void {
    const done = [...this.#files]
      .filter((file) => file.phase === "done" && !isKept(file))
      .toSorted((a, b) => b.leftAtMs - a.leftAtMs || b.order - a.order);
    const counts = new Map<string, number>();
    for (const [index, file] of done.entries()) {
      const count = (counts.get(file.family) ?? 0) + 1;
      counts.set(file.family, count);
      if (count > doneMax || index >= doneOfAllMax) {
        this.remove(file);
        const lastMs = Math.max(file.mtimeMs, file.now.mtimeMs, this.forgottenMs(file.family));
        this.#forgottenMs.set(file.family, lastMs);
      }
    }
  }

  get stored(): StoredFile[] {
    const files = [...this.#files].toSorted((a, b) => a.order - b.order);
    return [...files.map(({ stored }) => stored), ...this.#former];
  }

  #add(file: FollowedFile): void {
    this.#files.add(file);
    this.#byIdentity.set(toKey(file.identity), file);
  }
}

function toKey({ dev, ino }: FileIdentity): string {
  return `${dev}:${ino}`;
}
