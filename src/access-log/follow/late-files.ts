// Files that are not under the names that are followed: those that came and went between two scans,
// and those that are written to after they were done.
import type { Files } from "../../core/component.ts";
import type { FileReader } from "./file-reader.ts";
import type { FileTable } from "./file-table.ts";
import type { PathScan } from "./path-scan.ts";

export interface LateFilesParts {
  readonly files: Files;
  readonly scan: PathScan;
  readonly table: FileTable;
  readonly reader: FileReader;
}

/** The clock of the file system lags behind by some milliseconds. */
export const writeSlackMs = 1000;
/** For how long files that are done are looked at. */
const doneMsMax = 600_000;

export class LateFiles {
  readonly #parts: LateFilesParts;
  /** Paths of generations that were looked at. */
  readonly #seen = new Set<string>();

  constructor(parts: LateFilesParts) {
    this.#parts = parts;
  }

  /**
   * Files that came and were rotated or compressed since the last scan, so that nobody has seen them
   * under the name that is followed. Older ones are history.
   */
  async takeGenerations(scannedAtMs: number, nowMs: number): Promise<void> {
    const { scan, table, files, reader } = this.#parts;
    for (const { path, family, original = "", stamp } of scan.generations) {
      const isKnown = [...table].some((file) => file.path === original || file.path === path);
      if (isKnown || this.#seen.has(path)) {
        continue;
      }
      const stat = await files.stat(path);
      const followedAs = stamp === undefined ? original : family;
      const sinceMs = Math.max(scannedAtMs - writeSlackMs, table.forgottenMs(followedAs));
      const isNew = (stat?.mtimeMs ?? 0) > sinceMs;
      if (stat?.kind === "file" && isNew && table.find(stat) === undefined) {
        const file = table.create(path, stat);
        file.family = followedAs;
        file.phase = "left";
        file.leftAtMs = nowMs;
        reader.add(file, nowMs);
      }
      this.#seen.add(path);
    }
    const present = new Set(scan.generations.map(({ path }) => path));
    for (const path of this.#seen) {
      if (!present.has(path)) {
        this.#seen.delete(path);
      }
    }
  }

  /** Writers that end slowly, as Apache's after a graceful restart, write to files that are done. */
  async lookAtDone(nowMs: number): Promise<void> {
    const { table, files, reader, scan } = this.#parts;
    for (const file of table) {
      const isRecent = nowMs - file.leftAtMs < doneMsMax && nowMs >= file.leftAtMs;
      if (file.phase !== "done" || !isRecent || scan.slots.get(file.path)?.file === file) {
        continue;
      }
      // What cannot be looked at now is looked at again with the next scan.
      const stat = await files.stat(file.path).catch(() => undefined);
      const isLonger = (stat?.sizeBytes ?? 0) > (file.end?.sizeBytes ?? file.now.sizeBytes);
      if (stat !== undefined && isLonger && file.isSameAs(stat)) {
        file.phase = "left";
        file.now = stat;
        reader.add(file, nowMs);
      }
    }
  }
}
