import { ByteWriter } from "../../core/bytes.ts";
import { Top } from "../../core/top.ts";

export interface Row {
  readonly key: string;
  /** At least; the true count is at most `error` more. */
  count: number;
  error: number;
}

export interface TopTotals {
  readonly total: number;
  readonly errorMax: number;
  readonly entriesMax: number;
}

/**
 * A Top of rows: what its invariants demand of counts, which there are upper bounds, decides how
 * many rows it can hold when keys were dropped.
 */
export function rowsToTop(rows: readonly Row[], { total, errorMax, entriesMax }: TopTotals): Top {
  const heaviest = rows.toSorted((a, b) => b.count + b.error - (a.count + a.error));
  const kept: Row[] = [];
  let rest = total;
  for (const { key, count, error } of heaviest.slice(0, entriesMax)) {
    // A bound may be higher than it has to be; in a Top that of a listed key is the higher one.
    const upper = Math.max(count + error, errorMax);
    rest -= upper;
    if (rest < 0) {
      break;
    }
    kept.push({ key, count, error: upper - count });
  }
  const next = heaviest[kept.length];
  const unlisted = Math.max(errorMax, next === undefined ? 0 : next.count + next.error);
  if (unlisted === 0 || kept.length === 0) {
    const top = new Top(entriesMax);
    for (const { key, count } of kept) {
      top.add(key, count);
    }
    return top;
  }
  return Top.fromBytes(topBytes(kept, total, unlisted));
}

/** The binary form of a Top that is full: the only way to give one its errors. */
function topBytes(rows: readonly Row[], total: number, errorMax: number): Uint8Array {
  const out = new ByteWriter(rows.length * 40);
  out.varint(rows.length);
  out.varint(total);
  out.varint(errorMax);
  out.varint(rows.length);
  for (const { key, count, error } of rows) {
    out.text(key);
    out.varint(count + error);
    out.varint(error);
  }
  return out.finish();
}
