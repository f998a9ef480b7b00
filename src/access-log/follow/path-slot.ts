import type { FollowedFile } from "./followed-file.ts";

/** Where the very first life of a source begins in files that are there. */
export type FirstStart =
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "time"; readonly ms: number };

/** How soon a path is looked at again while something happens, and when nothing does. */
export const lookMsMin = 250;
const lookMsMax = 2000;
/** A minute later: most files of a large set are hardly ever written, and each look costs some 40 µs. */
const idleLookMsMax = 5000;
/** Quiet looks before the pauses grow, and before they grow further. */
const quietLooksMin = 8;
const idleLooksMin = 40;
/** For as long a path may name nothing, as between the two steps of a rotation. */
export const absentMsMax = 5000;

/** A path that is followed, and the file that it names now. */
export class PathSlot {
  readonly path: string;
  readonly family: string;
  /** Sorts the slots of a family by the dates in their names. */
  readonly stamp: number | undefined;
  /** It was written as it is, not found: it is waited for. */
  readonly isPlain: boolean;
  /** For a file that is there at the first look; undefined once that is over. */
  first: FirstStart | undefined;
  /** The patterns also name generations of this log. */
  hasGenerations = false;
  file: FollowedFile | undefined;
  /** The file that it named last, once that has left. */
  last: FollowedFile | undefined;
  absentSinceMs: number | undefined;
  /** Since then it may have named files that nobody has seen, as long as it has named none. */
  unknownSinceMs = Infinity;
  problem: string | undefined;
  nextLookAtMs = 0;
  #pauseMs = lookMsMin;
  #quietLooks = 0;

  constructor(given: Pick<PathSlot, "path" | "family" | "stamp" | "isPlain" | "first">) {
    this.path = given.path;
    this.family = given.family;
    this.stamp = given.stamp;
    this.isPlain = given.isPlain;
    this.first = given.first;
  }

  /** Plans the next look: the longer nothing has happened, the later. */
  wasLookedAt(nowMs: number, hasChanged: boolean): void {
    this.#quietLooks = hasChanged ? 0 : this.#quietLooks + 1;
    if (hasChanged) {
      this.#pauseMs = lookMsMin;
    } else if (this.#quietLooks > quietLooksMin) {
      const pauseMsMax = this.#quietLooks > idleLooksMin ? idleLookMsMax : lookMsMax;
      this.#pauseMs = Math.min(pauseMsMax, this.#pauseMs * 2);
    }
    this.nextLookAtMs = nowMs + this.#pauseMs;
  }

  /** Why nothing can be read here; an absence is one only after a while. */
  problemAt(nowMs: number): string | undefined {
    if (this.problem !== undefined || this.absentSinceMs === undefined) {
      return this.problem;
    }
    if (this.last === undefined) {
      return `${this.path}: no such file; waiting for it`;
    }
    return nowMs - this.absentSinceMs > absentMsMax
      ? `${this.path}: the file is gone; waiting for a new one`
      : undefined;
  }
}
