/** How long one piece of work may hold the event loop, but for its last item. */
export const turnMs = 8;

export interface Turn {
  /** Does the first items, at least one, until the turn is over; returns those that were done. */
  take<Item>(items: readonly Item[], work: (item: Item) => void): readonly Item[];
}

/** Begins now. */
export function createTurn(): Turn {
  const until = performance.now() + turnMs;
  return {
    take: (items, work) => {
      let done = 0;
      for (const item of items) {
        work(item);
        done++;
        if (performance.now() > until) {
          break;
        }
      }
      return items.slice(0, done);
    },
  };
}
