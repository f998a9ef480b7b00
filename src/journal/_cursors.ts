import type { Extent } from "./_store.ts";
import type { Cursor, Gap } from "./journal.ts";

/** Where reading goes on, and what lies between that and the cursor. */
export interface Location {
  /** The number of the last batch before that place. */
  readonly number: number;
  readonly gap: Gap | undefined;
}

/** The cursor behind batch `number`: "<epoch>:<number>". */
export function toCursor(epoch: string, number: number): Cursor {
  return asCursor(`${epoch}:${number}`);
}

/** What was stored as text is a cursor again. Not checked: `locate` takes anything. */
export function asCursor(text: string): Cursor {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand has no other way in
  return text as Cursor;
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
