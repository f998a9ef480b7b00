// What was done and when, so that a number that was not counted leads to what happened about it.

interface Note {
  readonly atMs: number;
  readonly lane: string;
  readonly what: string;
}

interface Mark {
  readonly atMs: number;
  /** The last number that was given out by then. */
  readonly number: number;
}

const shownBefore = 8;
const shownAfter = 12;
const markEveryMs = 20;

export class Trace {
  readonly #startMs = performance.now();
  readonly #marks = new Map<string, Mark[]>();
  #notes: Note[] = [];

  note(lane: string, what: string): void {
    this.#notes.push({ atMs: performance.now() - this.#startMs, lane, what });
  }

  /** A number was given out. */
  mark(lane: string, number: number): void {
    const atMs = performance.now() - this.#startMs;
    const marks = this.#marks.get(lane) ?? [];
    this.#marks.set(lane, marks);
    if (atMs - (marks.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) > markEveryMs) {
      marks.push({ atMs, number });
    }
  }

  clear(): void {
    this.#notes = [];
    this.#marks.clear();
  }

  /** What happened to a lane and to the node about the time when the first number in a problem was given out. */
  around(lane: string, problem: string): string {
    const number = Number(/number (\d+)/.exec(problem)?.[1]);
    const mark = this.#marks.get(lane)?.findLast((one) => one.number <= number);
    if (mark === undefined) {
      return "";
    }
    const notes = this.#notes.filter((note) => note.lane === lane || note.lane === "node");
    const after = notes.findIndex(({ atMs }) => atMs >= mark.atMs);
    const at = after < 0 ? notes.length : after;
    const given = { atMs: mark.atMs, what: `> number ${number}` };
    return [
      ...notes.slice(Math.max(0, at - shownBefore), at),
      given,
      ...notes.slice(at, at + shownAfter),
    ]
      .map(({ atMs, what }) => `\n  ${(atMs / 1000).toFixed(3).padStart(8)} ${what}`)
      .join("");
  }
}
