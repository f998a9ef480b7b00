// A history that keeps nothing, for tests that are about something else.
import type { History, HistorySlice } from "../src/history/history.ts";
import type { Cursor } from "../src/journal/journal.ts";

async function refuse(): Promise<never> {
  throw new Error("nothing is kept here");
}

export function createNoHistory(): History<Cursor> {
  let next: Cursor | undefined;
  return {
    cursor: undefined,
    get next() {
      return next;
    },
    consume: async (slice: HistorySlice<Cursor>) => {
      next = slice.next;
    },
    query: refuse,
    queryInstant: refuse,
    queryHeatMap: refuse,
    queryTops: refuse,
    series: async () => [],
    labels: async () => [],
    trim: async () => 0,
    flush: async () => {},
    status: refuse,
    async [Symbol.asyncDispose]() {},
  };
}
