const memoMax = 10_000;

/** Bounded: all is forgotten when the room is used up. */
export function remember(
  holds: (text: string | undefined) => boolean,
): (text: string | undefined) => boolean {
  const known = new Map<string | undefined, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) {
      return before;
    }
    if (known.size >= memoMax) {
      known.clear();
    }
    const result = holds(text);
    known.set(text, result);
    return result;
  };
}
