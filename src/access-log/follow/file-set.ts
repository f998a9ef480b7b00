// Follows sets of files for as long as a source runs: finds them, notices what rotation does to
// them, and reads each line of each generation once.
import type { Files } from "../../core/component.ts";
import type { Event, Sample } from "../../core/sample.ts";
import { ChangeWatch } from "./change-watch.ts";
import type { FollowedFile } from "./followed-file.ts";
import { FileReader } from "./file-reader.ts";
import { FileTable } from "./file-table.ts";
import { FollowingCounts } from "./following-counts.ts";
import { HandleShelf } from "./handle-shelf.ts";
import { LineBuffer, lineBytesMax } from "./line-buffer.ts";
import { LateFiles } from "./late-files.ts";
import type { LineInput, LineStream, Look } from "./line-input.ts";
import { PathFollower } from "./path-follower.ts";
import { PathScan } from "./path-scan.ts";
import { type FirstStart, lookMsMin, type PathSlot } from "./path-slot.ts";
import { PipeStream } from "./pipe-stream.ts";
import { parseStoredFiles, type StoredFiles } from "./stored-files.ts";

export interface FileSetOptions {
  /** Patterns as parsePathPattern takes them, or `-` for standard input. */
  readonly paths: readonly string[];
  /** For files that are there when a pattern is followed for the first time. */
  readonly first: FirstStart;
  /** The first start reads also the generations before those files. */
  readonly isBackfill?: boolean;
  readonly timeZone?: string | undefined;
  readonly lineMaxBytes?: number | undefined;
  /** How long a file that has left its path is read on, behind the last bytes that came. */
  readonly graceMs?: number;
}

const graceMsDefault = 5000;
/** The writer of a dated file may be slow to turn to the next one. */
const datedGraceMs = 60_000;
/** A file that has left and not been replaced is written on until its writer is told. */
const absentGraceMs = 600_000;
const brokenRetryMs = 10_000;
const scanMs = 10_000;
/** When something in the folders hints at new files. */
const scanMsMin = 1000;
/** Other files that are at their end, looked through before something else gets its turn. */
const turnsMax = 512;

/** The look at a source's files. */
export class FileSet implements LineInput {
  readonly #files: Files;
  readonly #graceMs: number;
  readonly #shelf: HandleShelf;
  readonly #reader: FileReader;
  readonly #table: FileTable;
  readonly #scan: PathScan;
  readonly #paths: PathFollower;
  readonly #late: LateFiles;
  readonly #watch: ChangeWatch;
  readonly #counts = new FollowingCounts();
  readonly #pipes = new Map<string, PipeStream>();
  readonly #lineMaxBytes: number;
  #isBackfilling: boolean;
  #nextScanMs = -Infinity;
  #scannedAtMs: number;
  #lastLookMs = -Infinity;
  #lastStream: LineStream | undefined;
  #problems: string[] = [];
  #isBlind = false;
  #isPartial = false;
  #isQuiet = false;

  /** `saved` is the `position` of an earlier life. */
  constructor(options: FileSetOptions, files: Files, saved: unknown) {
    const { lineMaxBytes = lineBytesMax, paths, isBackfill = false } = options;
    const stored: StoredFiles = parseStoredFiles(saved) ?? { patterns: [], files: [] };
    const lines = new LineBuffer(lineMaxBytes);
    this.#files = files;
    this.#lineMaxBytes = lineMaxBytes;
    this.#graceMs = options.graceMs ?? graceMsDefault;
    this.#isBackfilling = stored.isBackfill ?? (isBackfill && stored.patterns.length === 0);
    this.#scannedAtMs = stored.scannedAtMs ?? Infinity;
    this.#shelf = new HandleShelf(files);
    this.#reader = new FileReader(this.#shelf, lines);
    this.#table = new FileTable(stored.files, lines, stored.forgotten);
    this.#scan = new PathScan({
      texts: paths.filter((path) => path !== "-"),
      files,
      timeZone: options.timeZone,
      first: options.first,
      isBackfill,
      stored: stored.patterns,
    });
    const parts = { files, scan: this.#scan, table: this.#table, reader: this.#reader };
    this.#late = new LateFiles(parts);
    this.#paths = new PathFollower({
      ...parts,
      shelf: this.#shelf,
      counts: this.#counts,
      isBackfill,
      openPipe: (path) => this.#openPipe(path),
    });
    this.#watch = new ChangeWatch(files);
    if (paths.includes("-")) {
      this.#openPipe("-");
    }
  }

  get position(): StoredFiles {
    return {
      patterns: this.#scan.stored,
      files: this.#table.stored,
      forgotten: this.#table.forgotten,
      ...(Number.isFinite(this.#scannedAtMs) && { scannedAtMs: this.#scannedAtMs }),
      ...(this.#isBackfilling && { isBackfill: true }),
    };
  }

  get problem(): string | undefined {
    const [first, ...others] = this.#problems;
    return others.length === 0 ? first : `${first} (and ${others.length} more files)`;
  }

  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** The first start's older lines are being read: of these, nobody is told. */
  get isBackfilling(): boolean {
    return this.#isBackfilling;
  }

  takeEvents(): Event[] {
    return this.#counts.takeEvents();
  }

  takeSamples(nowMs: number): Sample[] {
    let bytes = 0;
    let sinceMs = nowMs;
    for (const file of this.#reader.unread) {
      bytes += file.unreadBytes;
      sinceMs = Math.min(sinceMs, file.state?.newestMs ?? file.behindSinceMs ?? nowMs);
    }
    const isBehind = bytes > 0;
    return this.#counts.takeSamples({
      bytes,
      seconds: isBehind ? Math.max(0, (nowMs - sinceMs) / 1000) : 0,
      openFiles: this.#shelf.size + this.#pipes.size,
    });
  }

  async look(nowMs: number): Promise<Look> {
    this.#noteClock(nowMs);
    const hasOthers = this.#watch.takeOther() && nowMs >= this.#nextScanMs - scanMs + scanMsMin;
    if (nowMs >= this.#nextScanMs || this.#paths.wantsScan || hasOthers) {
      await this.#scanPaths(nowMs);
    }
    await this.#paths.look(nowMs);
    this.#wakeLeftFiles(nowMs);
    const { stream, othersMs } = await this.#read(nowMs);
    this.#lastStream = stream;
    this.#noteProblems(nowMs);
    const isAtEnd = stream === undefined && this.#reader.pick(nowMs).file === undefined;
    this.#isBackfilling &&= !isAtEnd;
    return {
      stream,
      othersMs,
      isAtEnd,
      isPartial: this.#takePartial(),
      pauseMs: isAtEnd ? this.#pauseMs(nowMs) : 0,
    };
  }

  #takePartial(): boolean {
    const isPartial = this.#isPartial || this.#counts.isPartial;
    this.#counts.isPartial = false;
    return isPartial;
  }

  changed(): Promise<void> {
    return this.#isQuiet
      ? this.#watch.changed(this.#scan.slots)
      : Promise.withResolvers<void>().promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    for (const pipe of this.#pipes.values()) {
      await pipe[Symbol.asyncDispose]();
    }
    await this.#shelf[Symbol.asyncDispose]();
  }

  async #scanPaths(nowMs: number): Promise<void> {
    const isFirst = this.#nextScanMs === -Infinity;
    this.#table.noteClock(nowMs);
    const before = this.#scannedAtMs;
    this.#nextScanMs = nowMs + scanMs;
    this.#scannedAtMs = nowMs;
    if (isFirst) {
      // Of what was written before anybody looked, nothing is known.
      this.#counts.isPartial = this.#scan.isFromEnd;
      this.#paths.takeKnown(nowMs);
    }
    const added = await this.#scan.scan(nowMs, before);
    await this.#late.takeGenerations(before, nowMs);
    this.#paths.noteScan(added, nowMs, isFirst);
    if (isFirst) {
      await this.#paths.searchKnown(nowMs);
    }
    await this.#late.lookAtDone(nowMs);
    this.#table.trim((file) => this.#scan.slots.get(file.path)?.file === file);
  }

  /** The clock was set back: what was planned by it would come too late. */
  #noteClock(nowMs: number): void {
    if (nowMs < this.#lastLookMs) {
      this.#table.noteClock(nowMs);
      this.#nextScanMs = nowMs;
      for (const slot of this.#scan.slots.values()) {
        slot.nextLookAtMs = nowMs;
      }
      for (const file of this.#table) {
        file.leftAtMs = Math.min(file.leftAtMs, nowMs);
        file.bytesAtMs = Math.min(file.bytesAtMs, nowMs);
        file.retryAtMs = Math.min(file.retryAtMs, nowMs);
        file.behindSinceMs &&= Math.min(file.behindSinceMs, nowMs);
      }
    }
    this.#lastLookMs = nowMs;
  }

  /** Their writers may still have them open. */
  #wakeLeftFiles(nowMs: number): void {
    for (const file of this.#table) {
      const isSuperseded = this.#isSuperseded(file);
      if (isSuperseded && file.leftAtMs === 0) {
        file.leftAtMs = nowMs;
      }
      // What has lost its content is read once a copy of it is found.
      const isSomewhere = file.identity.dev >= 0;
      if ((file.phase === "left" && isSomewhere) || isSuperseded) {
        this.#reader.add(file, nowMs);
      }
    }
  }

  /** Reads until there are lines, or nothing is left. */
  async #read(nowMs: number): Promise<Pick<Look, "stream" | "othersMs">> {
    for (const pipe of this.#pipes.values()) {
      if (pipe !== this.#lastStream && (await pipe.fill())) {
        return { stream: pipe, othersMs: Infinity };
      }
    }
    for (let turns = 0; turns < turnsMax; turns++) {
      const { file, othersMs } = this.#reader.pick(nowMs);
      if (file === undefined) {
        break;
      }
      if (await this.#takeTurn(file, nowMs)) {
        return { stream: file, othersMs };
      }
    }
    return { stream: undefined, othersMs: Infinity };
  }

  /** True when the file has lines to be counted. */
  async #takeTurn(file: FollowedFile, nowMs: number): Promise<boolean> {
    const turn = await this.#reader.read(file, nowMs, false);
    switch (turn) {
      case "lines":
        return !(await this.#paths.wasWrittenOver(file, nowMs));
      case "cut":
      case "failed":
        return false;
      case "gone":
        await this.#paths.wasGone(file, nowMs);
        return false;
      case "other":
        await this.#paths.hasOtherContent(file, nowMs);
        return false;
      case "end":
        return this.#endTurn(file, nowMs);
    }
  }

  async #endTurn(file: FollowedFile, nowMs: number): Promise<boolean> {
    this.#reader.endOf(file);
    file.sinceMs = undefined;
    const isOver = file.phase === "left" || this.#isSuperseded(file);
    if (await this.#isBroken(file, nowMs)) {
      return false;
    }
    if (!isOver || !this.#isGraceOver(file, nowMs)) {
      return false;
    }
    if (file.partialBytes > 0 && (await this.#reader.read(file, nowMs, true)) === "lines") {
      return true;
    }
    await this.#paths.finish(file, nowMs);
    return false;
  }

  /** An archive that ends too early may still be written; after a while it is left as it is. */
  async #isBroken(file: FollowedFile, nowMs: number): Promise<boolean> {
    const handle = this.#shelf.get(file);
    if (handle?.isCompressed !== true || handle.file.failure === undefined) {
      return false;
    }
    file.problem = `${file.path}: ${handle.file.failure}; what is in front of that is counted`;
    file.retryAtMs = nowMs + brokenRetryMs;
    await this.#shelf.close(file);
    if (nowMs - file.leftAtMs >= absentGraceMs) {
      this.#counts.isPartial = true;
      await this.#paths.finish(file, nowMs);
    }
    return true;
  }

  #isGraceOver(file: FollowedFile, nowMs: number): boolean {
    const handle = this.#shelf.get(file);
    if (handle?.isCompressed === true) {
      return handle.file.isWholeRead;
    }
    const hasSuccessor = this.#scan.slots.get(file.family)?.file !== undefined;
    const graceMsMin = this.#isSuperseded(file) ? datedGraceMs : hasSuccessor ? 0 : absentGraceMs;
    const graceMs = Math.max(graceMsMin, this.#graceMs);
    return nowMs - Math.max(file.leftAtMs, file.bytesAtMs) >= graceMs;
  }

  /** There is a file with a later date in its name, and this one has nothing left to read. */
  #isSuperseded(file: FollowedFile): boolean {
    const slot = this.#scan.slots.get(file.path);
    return (
      file.phase === "live" &&
      slot?.stamp !== undefined &&
      slot.file === file &&
      slot.stamp < (this.#scan.newestStamps.get(slot.family) ?? -Infinity)
    );
  }

  #openPipe(path: string): void {
    if (!this.#pipes.has(path)) {
      this.#pipes.set(path, new PipeStream(path, this.#files, this.#lineMaxBytes));
    }
  }

  #noteProblems(nowMs: number): void {
    const slots: readonly PathSlot[] = [...this.#scan.slots.values()];
    const pipes = [...this.#pipes.values()];
    const bySlot = slots.flatMap((slot) => slot.problemAt(nowMs) ?? slot.file?.problem ?? []);
    const byPipe = pipes.flatMap(({ problem }) => problem ?? []);
    const left = [...this.#reader.unread].filter(({ phase }) => phase === "left");
    const byLeft = left.flatMap(({ problem }) => problem ?? []);
    const ways = slots.length + pipes.length;
    this.#isBlind = bySlot.length + byPipe.length >= ways;
    this.#problems = [...bySlot, ...byPipe, ...byLeft, ...this.#paths.problems];
    const isUnread = slots.some((slot) => isNever(slot) || slot.file?.problem !== undefined);
    this.#isPartial = isUnread || byPipe.length + byLeft.length > 0 || ways === 0;
    const { problem } = this.#scan;
    if (problem !== undefined && (ways === 0 || slots.length > 0)) {
      this.#problems.unshift(problem);
    }
  }

  #pauseMs(nowMs: number): number {
    let nextMs = this.#nextScanMs;
    for (const slot of this.#scan.slots.values()) {
      nextMs = Math.min(nextMs, slot.nextLookAtMs);
    }
    const pauseMs = Math.max(lookMsMin, nextMs - nowMs);
    this.#isQuiet = pauseMs > lookMsMin && this.#pipes.size === 0 && !this.#paths.isBusy;
    return this.#isQuiet ? pauseMs : lookMsMin;
  }
}

/** Of a file that is gone, all that was in it is known. */
function isNever({ problem, absentSinceMs, last }: PathSlot): boolean {
  return problem !== undefined || (absentSinceMs !== undefined && last === undefined);
}
