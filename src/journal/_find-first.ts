import type { Mark, Store } from "./_store.ts";

/**
 * The number of the first retained batch for which `isPast` is true, the head's + 1 when there is none. `isPast` must
 * stay true once it is: what marks hold only ever grows.
 */
export function findFirst(
  store: Pick<Store, "extent" | "mark">,
  isPast: (mark: Mark) => boolean,
): number {
  const { trimmed, head } = store.extent();
  let low = trimmed.number + 1;
  let high = head.number + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isPast(store.mark(middle))) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
