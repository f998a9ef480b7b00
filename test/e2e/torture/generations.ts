// What logrotate does with the files that a log was: numbers or dates in their names, and compression.
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { unlinkSync, utimesSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Random } from "./random.ts";

/** `numbers`: access.log.1, the newest; `dates`: access.log-20261120-1763668800. */
export type Naming = "numbers" | "dates";

interface Generation {
  readonly path: string;
  readonly suffix: "" | ".gz" | ".zst";
}

export class Generations {
  readonly #path: string;
  readonly #naming: Naming;
  readonly #random: Random;
  /** Newest first; `path` is without the suffix. */
  #all: Generation[] = [];
  #compressing: Promise<void> = Promise.resolve();
  #dated = 0;

  constructor(path: string, naming: Naming, random: Random) {
    this.#path = path;
    this.#naming = naming;
    this.#random = random;
  }

  /** The name for the newest generation, which the caller makes by renaming or copying before the next call. */
  async makeRoom(): Promise<string> {
    await this.#compressing;
    if (this.#random.chance(0.6)) {
      await this.#compressLater();
    }
    const path = this.#naming === "numbers" ? this.#shift() : this.#datedName();
    this.#all = [{ path, suffix: "" }, ...this.#all];
    return path;
  }

  /** The writer has let go of the newest generation. It may be compressed at once, in a moment, or at a later turn. */
  release(): void {
    const delayMs = this.#random.pick([0, 0, this.#random.between(1, 800), undefined, undefined]);
    if (delayMs !== undefined) {
      this.#compressing = this.#compress(0, delayMs);
    }
  }

  /** The compression that runs, if any, is done. */
  async settle(): Promise<void> {
    await this.#compressing;
  }

  /** Deletes all but so many. */
  async trim(keptCount: number): Promise<void> {
    await this.#compressing;
    for (const { path, suffix } of this.#all.slice(keptCount)) {
      unlinkSync(path + suffix);
    }
    this.#all = this.#all.slice(0, keptCount);
  }

  /** As logrotate with `delaycompress`: those that waited, oldest first. */
  async #compressLater(): Promise<void> {
    for (let index = this.#all.length - 1; index >= 0; index--) {
      await this.#compress(index, 0);
    }
  }

  #shift(): string {
    this.#all = this.#all.toReversed().map(({ path, suffix }, fromOldest) => {
      const moved = `${this.#path}.${this.#all.length - fromOldest + 1}`;
      renameSync(path + suffix, moved + suffix);
      return { path: moved, suffix };
    });
    this.#all.reverse();
    return `${this.#path}.1`;
  }

  #datedName(): string {
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    // Two rotations may fall into one second.
    this.#dated = Math.max(this.#dated + 1, Math.floor(Date.now() / 1000));
    return `${this.#path}-${day}-${this.#dated}`;
  }

  async #compress(index: number, delayMs: number): Promise<void> {
    await sleep(delayMs);
    const generation = this.#all[index];
    if (generation?.suffix !== "" || !existsSync(generation.path)) {
      return;
    }
    const suffix = this.#random.pick([".gz", ".zst"] as const);
    await compressFile(generation.path, suffix, this.#random);
    this.#all = this.#all.with(index, { path: generation.path, suffix });
  }
}

/** As gzip and zstd do it: the new file grows beside the old one, which goes when it is complete. */
export async function compressFile(
  path: string,
  suffix: ".gz" | ".zst",
  random: Random,
): Promise<void> {
  const bytes = readFileSync(path);
  const { atime, mtime } = statSync(path);
  const compressed = suffix === ".gz" ? gzipSync(bytes) : zstdCompressSync(bytes);
  const half = random.between(0, compressed.length);
  const descriptor = openSync(path + suffix, "wx");
  writeSync(descriptor, compressed, 0, half);
  await sleep(random.pick([0, 5, 60]));
  writeSync(descriptor, compressed, half);
  closeSync(descriptor);
  utimesSync(path + suffix, atime, mtime);
  unlinkSync(path);
}
