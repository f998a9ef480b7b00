const memoMax = 10_000;
const keyCharsMax = 512;

/**
 * The function with its answers remembered, but for long texts; bounded: all is forgotten when the
 * room is used up.
 */
export function remember<Key extends string | undefined, Answer>(
  ask: (key: Key) => Answer,
): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) {
      return before;
    }
    const answer = ask(key);
    if (key === undefined || key.length <= keyCharsMax) {
      if (known.size >= memoMax) {
        known.clear();
      }
      known.set(key, answer);
    }
    return answer;
  };
}
