// Logs that nobody writes to any more and that keep their names.
import { unlinkSync } from "node:fs";
import { compressFile } from "./generations.ts";
import type { Random } from "./random.ts";

export class FormerLogs {
  readonly #random: Random;
  /** Oldest first. */
  #paths: readonly string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(path: string): void {
    this.#paths = [...this.#paths, path];
  }

  /** Of those that are not compressed yet. */
  async compressOldest(): Promise<void> {
    const oldest = this.#paths.find((path) => path.endsWith(".log"));
    if (oldest !== undefined) {
      const suffix = this.#random.pick([".gz", ".zst"] as const);
      await compressFile(oldest, suffix, this.#random);
      this.#paths = this.#paths.map((path) => (path === oldest ? oldest + suffix : path));
    }
  }

  /** Deletes all but the newest. */
  trim(keptCount: number): void {
    const gone = this.#paths.slice(0, Math.max(0, this.#paths.length - keptCount));
    gone.forEach((path) => unlinkSync(path));
    this.#paths = this.#paths.slice(gone.length);
  }
}
