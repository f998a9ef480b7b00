const memoMax = 10_000;

/** The function with its answers remembered; bounded: all is forgotten when the room is used up. */
export function remember<Key, Answer>(ask: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) {
      return before;
    }
    if (known.size >= memoMax) {
      known.clear();
    }
    const answer = ask(key);
    known.set(key, answer);
    return answer;
  };
}
