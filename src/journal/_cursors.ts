import type { Extent } from "./_store.ts";
import { type Cursor, type Gap, toCursor } from "./journal.ts";

/** Where reading goes on, and what lies between that and the cursor. */
export interface Location {
  /** The number of the last batch before that place. */
  readonly number: number;
  readonly gap: Gap | undefined;
}

/** The cursor behind batch `number`: "<epoch>:<number>". */
export function toCursorBehind(epoch: string, number: number): Cursor {
  return toCursor(`${epoch}:${number}`);
}

/** Never throws: whatever is not a cursor of this journal counts as one of another epoch. */
export function locate(cursor: Cursor, epoch: string, { trimmed, head }: Extent): Location {
  const prefix = `${epoch}:`;
  const digits = cursor.startsWith(prefix) ? cursor.slice(prefix.length) : "";
  if (!/^\d{1,15}$/.test(digits)) {
    return { number: trimmed.number, gap: { reason: "epoch", batches: undefined } };
  }
  const number = Number(digits);
  if (number > head.number) {
    return { number: trimmed.number, gap: { reason: "beyond", batches: undefined } };
  }
  if (number < trimmed.number) {
    const batches = trimmed.number - number;
    return { number: trimmed.number, gap: { reason: "retention", batches } };
  }
  return { number, gap: undefined };
}
