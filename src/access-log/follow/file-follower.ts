// Follows one growing file by its path: whole lines, across renaming, replacing and truncating,
// without an own clock.
import type { Files, FileStat, ReadableFile } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import type { Event } from "../../core/sample.ts";
import {
  fileStart,
  findLastLineEnd,
  findPlace,
  toFilePosition,
  type FilePosition,
} from "./file-position.ts";
import { LineBuffer, type LinePlace } from "./line-buffer.ts";

export interface FollowOptions {
  readonly path: string;
  readonly files: Files;
  /** Where an earlier life stopped, or where to start when there was none. */
  readonly from: FollowFrom;
  now(): number;
}

/**
 * `end` holds for a file that is there at the very first look: one that appears later is read from
 * its start.
 */
export type FollowFrom = "start" | "end" | FilePosition;

/**
 * What one look brought: `read` (lines may be in the buffer; look again at once), `end` (nothing
 * more to read now), `turning` (another file has taken the path; look again soon), `blocked`
 * (`problem` says why nothing can be read).
 */
export type Look = "read" | "end" | "turning" | "blocked";

/**
 * Looks for which the path may name nothing, as between the two steps of a rotation, before that is
 * a problem.
 */
const absentLooksMax = 20;

interface OpenFile {
  readonly handle: ReadableFile;
  readonly stat: FileStat;
}

/** The consumer calls `look`, takes every whole line out of `lines`, and looks again. */
export class FileFollower implements AsyncDisposable {
  readonly lines = new LineBuffer();
  readonly #options: FollowOptions;
  #from: FollowFrom;
  #open: OpenFile | undefined;
  #isTurning = false;
  #absentLooks = 0;
  #problem: string | undefined;
  #events: Event[] = [];

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#from = options.from;
  }

  /** What keeps the file from being read, in one sentence; undefined when nothing does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Where the unconsumed lines start: what a later life begins with. */
  get position(): FollowFrom {
    return this.#open === undefined
      ? this.#from
      : toFilePosition(this.#options.path, this.#open.stat, this.lines.place);
  }

  /** What happened to the file since the last call. */
  takeEvents(): Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Never throws: what goes wrong becomes `problem`, and the next look tries again. */
  async look(): Promise<Look> {
    try {
      return await this.#tryLook();
    } catch (error) {
      this.#problem = `${this.#options.path}: ${describeError(error)}; trying again`;
      return "blocked";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle[Symbol.asyncDispose]();
  }

  async #tryLook(): Promise<Look> {
    const open = this.#open ?? (await this.#openFile());
    if (open === undefined) {
      return "blocked";
    }
    const read = await open.handle.read(this.lines.room(), this.lines.readOffset);
    if (read > 0) {
      this.lines.filled(read);
      this.#isTurning = false;
      return "read";
    }
    return this.#lookForChange(open);
  }

  async #openFile(): Promise<OpenFile | undefined> {
    const { path, files } = this.#options;
    const stat = await files.stat(path);
    const resumed =
      typeof this.#from === "object" ? await this.#resume(this.#from, stat) : undefined;
    if (resumed !== undefined) {
      return resumed;
    }
    if (stat === undefined) {
      this.#from = this.#from === "end" ? "start" : this.#from;
      this.#problem = `${path}: no such file; waiting for it`;
      return undefined;
    }
    if (!stat.isFile) {
      this.#problem = `${path}: is not a file; name the log file itself`;
      return undefined;
    }
    const findStart = this.#from === "end" ? findLastLineEnd : async () => fileStart;
    const earlier = this.#from;
    const open = await this.#openAt(path, findStart);
    if (typeof earlier === "object") {
      this.#noteReplaced(earlier, stat);
    }
    return open;
  }

  /**
   * Looks for the file of an earlier life at its path and, when it was renamed meanwhile, at the
   * usual next name.
   */
  async #resume(
    position: FilePosition,
    current: FileStat | undefined,
  ): Promise<OpenFile | undefined> {
    const { path, files } = this.#options;
    const rotatedPath = `${path}.1`;
    for (const candidate of [path, rotatedPath]) {
      const stat = candidate === path ? current : await files.stat(candidate);
      if (stat?.isFile === true && isSame(stat, position)) {
        const open = await this.#openAt(candidate, (handle) => findPlace(position, handle));
        if (open !== undefined) {
          return open;
        }
      }
    }
    return undefined;
  }

  /** Opens a file and stands at the place that is found in it; closes it again when there is none. */
  async #openAt(
    path: string,
    findStart: (handle: ReadableFile) => Promise<LinePlace | undefined>,
  ): Promise<OpenFile | undefined> {
    await using unused = new AsyncDisposableStack();
    const handle = unused.use(await this.#options.files.open(path));
    const stat = await handle.stat();
    const place = await findStart(handle);
    if (place === undefined) {
      return undefined;
    }
    unused.move();
    this.#open = { handle, stat };
    this.#from = "start";
    this.#isTurning = false;
    this.#absentLooks = 0;
    this.#problem = undefined;
    this.lines.reset(place);
    return this.#open;
  }

  /**
   * At the end of the open file: is it still the one that the path names, and as long as it was?
   */
  async #lookForChange(open: OpenFile): Promise<Look> {
    const { path, files } = this.#options;
    const stat = await files.stat(path);
    if (stat === undefined) {
      this.#absentLooks++;
      if (this.#absentLooks > absentLooksMax) {
        this.#problem = `${path}: the file is gone; waiting for a new one`;
      }
      return "end";
    }
    this.#absentLooks = 0;
    if (!isSame(stat, open.stat)) {
      return this.#turn(open);
    }
    this.#problem = undefined;
    if (stat.sizeBytes < this.lines.readOffset) {
      this.#note("file_truncated", `${path} was truncated; reading it from its start.`);
      this.lines.reset(fileStart);
      return "read";
    }
    return "end";
  }

  /**
   * Reads the old file to its end once more, because its writer may not have noticed yet; then lets
   * go of it.
   */
  async #turn(open: OpenFile): Promise<Look> {
    if (!this.#isTurning) {
      this.#isTurning = true;
      return "turning";
    }
    if (this.lines.isPartial) {
      this.lines.finish();
      return "read";
    }
    this.#note(
      "file_rotated",
      `${this.#options.path} names another file now; reading it from its start.`,
    );
    this.#open = undefined;
    await open.handle[Symbol.asyncDispose]();
    return "read";
  }

  #noteReplaced(position: FilePosition, stat: FileStat): void {
    const { path } = position;
    if (isSame(stat, position) && stat.sizeBytes < position.offset) {
      this.#note("file_truncated", `${path} was truncated meanwhile; reading it from its start.`);
    } else {
      this.#note(
        "file_replaced",
        `${path} is not the file that was read before; reading it from its start. ` +
          "What was added to the earlier file since then is not counted.",
      );
    }
  }

  #note(name: string, text: string): void {
    this.#events.push({ at: this.#options.now(), name, labels: {}, text });
  }
}

function isSame(
  one: { readonly dev: number; readonly ino: number },
  other: { readonly dev: number; readonly ino: number },
): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
