// Reads the files of a source in turns: whichever is furthest behind comes next.
import { describeError } from "../../core/errors.ts";
import { headBytesMax, readHead } from "./content-mark.ts";
import type { FollowedFile } from "./followed-file.ts";
import { type Handle, type HandleShelf, isCompressedName } from "./handle-shelf.ts";
import type { LineBuffer, ReadOutcome } from "./line-buffer.ts";

const retryMsMin = 250;
const retryMsMax = 1000;
/** What is compressed is read from its start each time. */
const compressedRetryMsMax = 30_000;

/**
 * What a turn brought: lines; nothing yet, and there is more; the end of the file; content that is
 * another one than before; no file, because its names are not its own any more; a failure, which is
 * the file's problem.
 */
export type Turn = ReadOutcome | "gone" | "failed";

export class FileReader {
  readonly #shelf: HandleShelf;
  readonly #lines: LineBuffer;
  readonly #unread = new Set<FollowedFile>();
  #last: FollowedFile | undefined;

  constructor(shelf: HandleShelf, lines: LineBuffer) {
    this.#shelf = shelf;
    this.#lines = lines;
  }

  /** There may be something to read. */
  add(file: FollowedFile, nowMs: number): void {
    file.isAtEnd = false;
    file.behindSinceMs ??= nowMs;
    this.#unread.add(file);
  }

  remove(file: FollowedFile): void {
    this.#unread.delete(file);
  }

  get unread(): ReadonlySet<FollowedFile> {
    return this.#unread;
  }

  /** The file to be read next, and how far the furthest of the others has come. */
  pick(nowMs: number): { readonly file: FollowedFile | undefined; readonly othersMs: number } {
    const ready = [...this.#unread].filter(({ retryAtMs }) => retryAtMs <= nowMs);
    const first = new Map<string, FollowedFile>();
    for (const file of ready) {
      const other = first.get(file.family);
      if (other === undefined || file.order < other.order) {
        first.set(file.family, file);
      }
    }
    let next: FollowedFile | undefined;
    let othersMs = Infinity;
    for (const file of first.values()) {
      if (next === undefined || isBehind(file, next)) {
        othersMs = Math.min(othersMs, next === undefined ? Infinity : newestOf(next));
        next = file;
      } else {
        othersMs = Math.min(othersMs, newestOf(file));
      }
    }
    return { file: next, othersMs };
  }

  /** Never throws. */
  async read(file: FollowedFile, nowMs: number, isLast: boolean): Promise<Turn> {
    try {
      const handle = await this.#shelf.take(file);
      if (handle === undefined) {
        return "gone";
      }
      const turn = await this.#readFrom(handle, file, isLast);
      file.problem = undefined;
      file.missingSinceMs = undefined;
      file.retries = 0;
      if (turn === "lines" || turn === "cut") {
        file.bytesAtMs = nowMs;
      }
      return turn;
    } catch (error) {
      // A stale handle is of no use; opening anew may find the file again.
      await this.#shelf.close(file).catch(() => {});
      file.problem = `${file.path}: ${describeError(error)}; trying again`;
      const maxMs = isCompressedName(file.path) ? compressedRetryMsMax : retryMsMax;
      file.retryAtMs = nowMs + Math.min(maxMs, retryMsMin * 2 ** file.retries++);
      return "failed";
    }
  }

  /** The end of the file was read. */
  endOf(file: FollowedFile): void {
    file.isAtEnd = true;
    file.end = file.now;
    file.partialBytes = this.#lines.partialBytes;
    file.behindSinceMs = undefined;
    this.#unread.delete(file);
  }

  /** The file whose lines were read last, as long as some are not counted. */
  get current(): FollowedFile | undefined {
    return this.#lines.lines() === undefined ? undefined : this.#last;
  }

  async #readFrom(handle: Handle, file: FollowedFile, isLast: boolean): Promise<Turn> {
    this.#last = file;
    if (file.phase === "left" && !handle.isCompressed) {
      // Nobody looks at it by its name any more.
      file.now = await handle.file.stat();
    }
    const turn = await this.#lines.read(handle.file, file.place, isLast);
    if (turn === "other") {
      return turn;
    }
    file.place = this.#lines.place;
    file.isVerified = true;
    if (file.head[0] < headBytesMax && file.place.offset > 0) {
      file.head = await readHead(handle.file, file.place.offset);
    }
    if (!handle.isCompressed) {
      file.seenBytes = Math.max(file.seenBytes, file.now.sizeBytes);
      file.mtimeMs = file.now.mtimeMs;
    }
    return turn;
  }
}

function newestOf({ state }: FollowedFile): number {
  return state?.newestMs ?? -Infinity;
}

/** Among files of which nothing is known, the one that was written to longest ago comes first. */
function isBehind(file: FollowedFile, other: FollowedFile): boolean {
  const [one, two] = [newestOf(file), newestOf(other)];
  return one === two ? file.now.mtimeMs < other.now.mtimeMs : one < two;
}
