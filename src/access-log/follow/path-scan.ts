// From patterns to the paths that are followed, found anew every few seconds.
import type { Files } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import { findPaths, type FoundPath, type SearchBounds } from "./find-paths.ts";
import { basesOf } from "./generations.ts";
import { toNameDate, toStamp } from "./name-date.ts";
import { isPlain, matchesPath, parsePathPattern, type PathPattern } from "./path-pattern.ts";
import { type FirstStart, PathSlot } from "./path-slot.ts";
import type { StoredFiles } from "./stored-files.ts";

/** Files of one source; more are left out, and the source says so. */
export const pathsMax = 10_000;
const foldersMax = 20_000;
/** Files of past dates that are looked at for late lines. */
const pastDatesMax = 31;

export interface ScanOptions {
  readonly texts: readonly string[];
  readonly files: Files;
  /** Of the dates in names; the host's own when left out. */
  readonly timeZone: string | undefined;
  /** For patterns that were not followed before. */
  readonly first: FirstStart;
  /** Also the past dates of a new pattern are read. */
  readonly isBackfill: boolean;
  readonly stored: StoredFiles["patterns"];
}

interface FollowedText {
  readonly text: string;
  readonly patterns: readonly PathPattern[];
  sinceStamp: number | undefined;
  isNew: boolean;
}

export class PathScan {
  readonly slots = new Map<string, PathSlot>();
  /** The latest date of each family. */
  readonly newestStamps = new Map<string, number>();
  /** Generations of logs that would be followed and are not there. */
  generations: readonly FoundPath[] = [];
  /** What limits the search or makes it vain. */
  problem: string | undefined;
  /** There are patterns that were not followed before, of which only what is to come is read. */
  readonly isFromEnd: boolean;
  readonly #options: ScanOptions;
  readonly #texts: FollowedText[];

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#texts = options.texts.map((text) => {
      const stored = options.stored.find((each) => each.text === text);
      return {
        text,
        patterns: parsePathPattern(text).patterns ?? [],
        sinceStamp: stored?.sinceStamp,
        isNew: stored === undefined,
      };
    });
    const isFirst = this.#texts.some(({ isNew }) => isNew);
    this.isFromEnd = isFirst && options.first.kind === "end" && !options.isBackfill;
  }

  /** Patterns whose first start is behind them. */
  get stored(): StoredFiles["patterns"] {
    const isPending = [...this.slots.values()].some(({ first }) => first !== undefined);
    return this.#texts
      .filter(({ isNew }) => !isNew && !isPending)
      .map(({ text, sinceStamp }) => ({ text, ...(sinceStamp !== undefined && { sinceStamp }) }));
  }

  /** One of the patterns names the path, whether anything is there or not. */
  matches(path: string): boolean {
    return this.#texts.some(({ patterns }) => patterns.some((each) => matchesPath(each, path)));
  }

  /** Follows a path that named a file in an earlier life. */
  addKnown(path: string, family: string): PathSlot {
    const known = this.slots.get(path);
    if (known !== undefined) {
      return known;
    }
    const isWritten = this.#texts.some(({ patterns }) =>
      patterns.some((each) => isPlain(each) && matchesPath(each, path)),
    );
    const slot = new PathSlot({
      path,
      family,
      stamp: undefined,
      isPlain: isWritten,
      first: undefined,
    });
    this.slots.set(path, slot);
    return slot;
  }

  /**
   * Returns the slots that were not there at the scan before, which was at `beforeMs`. Drops those
   * that name nothing any more.
   */
  async scan(nowMs: number, beforeMs: number): Promise<PathSlot[]> {
    this.problem = undefined;
    const bounds: SearchBounds = { pathsLeft: pathsMax, foldersLeft: foldersMax };
    const found = new Map<string, { readonly path: FoundPath; readonly followed: FollowedText }>();
    const unnamed: FoundPath[] = [];
    for (const followed of this.#texts) {
      for (const path of await this.#find(followed, bounds, nowMs)) {
        if (path.original !== undefined) {
          unnamed.push(path);
        } else if (!found.has(path.path)) {
          found.set(path.path, { path, followed });
        }
      }
    }
    this.generations = unnamed.filter(
      ({ original = "", path }) => !found.has(original) && !found.has(path),
    );
    if (bounds.pathsLeft < 0 || bounds.foldersLeft < 0) {
      const what = bounds.pathsLeft < 0 ? `${pathsMax} files` : `${foldersMax} folders`;
      this.problem =
        `${this.#options.texts.join(", ")}: more than ${what}; the rest is not read. ` +
        "Name fewer files, or share them among several sources";
    }
    const added = this.#addSlots(found);
    for (const slot of added) {
      slot.unknownSinceMs = beforeMs;
    }
    this.#dropSlots(new Set(found.keys()));
    this.#forgetPastDates();
    for (const followed of this.#texts) {
      followed.isNew = false;
    }
    if (this.slots.size === 0) {
      this.problem ??= `${this.#options.texts.join(", ")}: no such file; waiting for one`;
    }
    return added;
  }

  async #find(
    followed: FollowedText,
    bounds: SearchBounds,
    nowMs: number,
  ): Promise<readonly FoundPath[]> {
    const paths: FoundPath[] = [];
    for (const pattern of followed.patterns) {
      const search = findPaths(pattern, this.#options.files, bounds, (folder, error) => {
        this.problem = `${folder}: ${describeError(error)}; trying again`;
      });
      for await (const path of search) {
        paths.push(path);
      }
    }
    const dated = paths.filter(({ stamp }) => stamp !== undefined);
    const [pattern] = followed.patterns;
    if (followed.isNew && pattern?.isDated === true && this.isFromEnd) {
      followed.sinceStamp = this.#presentStamp(pattern, dated, nowMs);
    }
    const { sinceStamp = -Infinity } = followed;
    return paths.filter(({ stamp }) => stamp === undefined || stamp >= sinceStamp);
  }

  /**
   * The date that names have now; that of the latest file when it is earlier, because the program
   * that writes it may live in another zone.
   */
  #presentStamp(
    pattern: PathPattern,
    dated: readonly FoundPath[],
    nowMs: number,
  ): number | undefined {
    const parts = pattern.segments
      .flatMap((segment) => (segment.kind === "pattern" ? segment.tokens : []))
      .flatMap((token) => (token.kind === "digit" ? [token.part] : []));
    const present = toStamp(
      toNameDate(nowMs + pattern.dateShiftMs, this.#options.timeZone, new Set(parts)),
    );
    const latest = dated.reduce((max, { stamp = -Infinity }) => Math.max(max, stamp), -Infinity);
    return present === undefined || latest === -Infinity ? present : Math.min(present, latest);
  }

  #addSlots(
    found: ReadonlyMap<string, { readonly path: FoundPath; readonly followed: FollowedText }>,
  ): PathSlot[] {
    const added: PathSlot[] = [];
    const generations: string[] = [];
    for (const { path: each, followed } of found.values()) {
      const { path, stamp, family } = each;
      const base = stamp === undefined ? this.#baseOf(path, found) : undefined;
      if (base !== undefined) {
        generations.push(base);
        this.slots.delete(path);
        continue;
      }
      if (stamp !== undefined) {
        const newest = this.newestStamps.get(family) ?? -Infinity;
        this.newestStamps.set(family, Math.max(newest, stamp));
      }
      if (!this.slots.has(path)) {
        const first = followed.isNew ? this.#options.first : undefined;
        const isWritten = followed.patterns.every(isPlain);
        const slot = new PathSlot({ path, family, stamp, isPlain: isWritten, first });
        this.slots.set(path, slot);
        added.push(slot);
      }
    }
    for (const base of generations) {
      const slot = this.slots.get(base);
      if (slot !== undefined) {
        slot.hasGenerations = true;
      }
    }
    return added;
  }

  /** The followed log of which a path is an earlier generation. */
  #baseOf(path: string, found: ReadonlyMap<string, unknown>): string | undefined {
    const slashAt = path.lastIndexOf("/") + 1;
    return basesOf(path.slice(slashAt))
      .map((base) => path.slice(0, slashAt) + base)
      .find((base) => base !== path && (found.has(base) || this.slots.has(base)));
  }

  #dropSlots(found: ReadonlySet<string>): void {
    for (const [path, slot] of this.slots) {
      if (!found.has(path) && !slot.isPlain && slot.file === undefined) {
        this.slots.delete(path);
      }
    }
  }

  /** Past dates are forgotten when they are many and all of them is read. */
  #forgetPastDates(): void {
    for (const followed of this.#texts.filter(({ patterns }) => patterns[0]?.isDated === true)) {
      const past = [...this.slots.values()]
        .filter(({ stamp, file }) => stamp !== undefined && file?.phase === "done")
        .toSorted((a, b) => (a.stamp ?? 0) - (b.stamp ?? 0));
      const forgotten = past.slice(0, Math.max(0, past.length - pastDatesMax));
      const { stamp } = past[forgotten.length] ?? {};
      const isEarliest = [...this.slots.values()].every(
        (slot) => slot.file?.phase === "done" || (slot.stamp ?? Infinity) >= (stamp ?? 0),
      );
      if (forgotten.length === 0 || stamp === undefined || !isEarliest) {
        continue;
      }
      followed.sinceStamp = Math.max(followed.sinceStamp ?? -Infinity, stamp);
      for (const slot of forgotten) {
        this.slots.delete(slot.path);
      }
    }
  }
}
