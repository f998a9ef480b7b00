const wordLengthMax = 64;

/** The candidate that was most likely meant: a slip of a few letters, or one that begins with the word. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word === "" || word.length > wordLengthMax) {
    return undefined;
  }
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestSlips = wanted.length <= 3 ? 1.5 : wanted.length <= 6 ? 2.5 : 3.5;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    // A beginning is a better guess than three slips, and a worse one than two.
    const begins = wanted.length >= 3 && other.startsWith(wanted);
    const slips = begins ? Math.min(2.2, countSlips(wanted, other)) : countSlips(wanted, other);
    if (slips < bestSlips) {
      best = candidate;
      bestSlips = slips;
    }
  }
  return best;
}

/** "; did you mean `format`?", or nothing. */
export function suggest(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : `; did you mean \`${found}\`?`;
}

/** Letters added, left out, changed or swapped with their neighbour (optimal string alignment distance). */
function countSlips(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped =
        row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
          ? (beforeLast[column - 2] ?? 0) + 1
          : Infinity;
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + changed,
          swapped,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
