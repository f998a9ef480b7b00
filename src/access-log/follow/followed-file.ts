import type { FileStat } from "../../core/component.ts";
import type { LineState } from "../line-counter.ts";
import { type ContentMark, noMark } from "./content-mark.ts";
import { fileStart, type LineBuffer, type LinePlace, type Lines } from "./line-buffer.ts";
import type { LineStream } from "./line-input.ts";
import type { StoredFile } from "./stored-files.ts";

export type FileIdentity = Pick<FileStat, "dev" | "ino">;

/**
 * `live`: it is what its path names. `left`: it is not any more, but its writer may still have it
 * open, and it is read to its end. `done`: nothing more is expected.
 */
export type Phase = "live" | "left" | "done";

/** One file with a place in it, whatever names it has. */
export class FollowedFile implements LineStream {
  readonly key: string;
  /** Its last known name. */
  path: string;
  /** Without symbolic links, when that is another one. */
  realPath: string | undefined;
  /** Files of one family are read one after the other, by their order. */
  family: string;
  order = 0;
  identity: FileIdentity;
  place: LinePlace = fileStart;
  head: ContentMark = noMark;
  /** Its size and last write when its content was last found to be the same. */
  seenBytes = 0;
  mtimeMs = 0;
  /** Its size and last write at the last look, which may be those of other content. */
  now: Pick<FileStat, "sizeBytes" | "mtimeMs"> = { sizeBytes: 0, mtimeMs: 0 };
  phase: Phase = "live";
  state: LineState | undefined;
  sinceMs: number | undefined;
  /** In this life its content was found to be the same as before. */
  isVerified = false;
  /** All that was there is read, at the last look. */
  isAtEnd = false;
  /** What `now` was when its end was seen. */
  end: FollowedFile["now"] | undefined;
  /** A last line without an end is waiting: so many bytes. */
  partialBytes = 0;
  /** The clock when another file was found in its place, and when the last bytes came. */
  leftAtMs = 0;
  bytesAtMs = 0;
  /** Since when there has been something to read, by the clock. */
  behindSinceMs: number | undefined;
  /** Since when it is under none of its names. */
  missingSinceMs: number | undefined;
  /** What keeps it from being read. */
  problem: string | undefined;
  retryAtMs = 0;
  retries = 0;
  readonly #lines: LineBuffer;

  constructor(key: string, path: string, identity: FileIdentity, lines: LineBuffer) {
    this.key = key;
    this.path = path;
    this.family = path;
    this.identity = { dev: identity.dev, ino: identity.ino };
    this.#lines = lines;
  }

  static fromStored(key: string, stored: StoredFile, lines: LineBuffer): FollowedFile {
    const file = new FollowedFile(key, stored.path, stored, lines);
    file.family = stored.family ?? stored.path;
    file.realPath = stored.place;
    file.place = { offset: stored.offset, tail: stored.tail, cutBytes: 0 };
    file.head = stored.head;
    [file.seenBytes, file.mtimeMs] = stored.seen;
    file.phase = stored.phase ?? "live";
    file.state = stored.state;
    file.sinceMs = stored.sinceMs;
    return file;
  }

  get stored(): StoredFile {
    const { path, family, realPath, identity, place, head, phase, sinceMs, state } = this;
    return {
      path,
      ...(family !== path && { family }),
      ...(realPath !== undefined && { place: realPath }),
      ...identity,
      offset: place.offset,
      tail: [...place.tail],
      head: [...head],
      seen: [this.seenBytes, this.mtimeMs],
      ...(phase !== "live" && { phase }),
      ...(sinceMs !== undefined && { sinceMs }),
      ...(state !== undefined && { state }),
    };
  }

  /** Bytes that are known to be there and were not counted, a waiting part of a line apart. */
  get unreadBytes(): number {
    const { now, place, partialBytes, isAtEnd } = this;
    return isAtEnd ? 0 : Math.max(0, now.sizeBytes - place.offset - partialBytes);
  }

  isSameAs({ dev, ino }: FileIdentity): boolean {
    return this.identity.dev === dev && this.identity.ino === ino;
  }

  /** Begins anew: the same file has other content. */
  restart(): void {
    this.place = fileStart;
    this.head = noMark;
    this.seenBytes = 0;
    this.isAtEnd = false;
    this.end = undefined;
    this.partialBytes = 0;
    this.sinceMs = undefined;
  }

  /** Only for the file that was read last. */
  lines(): Lines | undefined {
    return this.#lines.lines();
  }

  consume(to: number): void {
    this.#lines.consume(to);
    this.place = this.#lines.place;
  }
}
