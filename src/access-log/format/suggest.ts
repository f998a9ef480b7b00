/**
 * `"; did you mean a, b?"` with the known names that are nearest to a wrong one, or nothing: equal
 * but for their case first, then, of longer names, within two edits. For the end of a message.
 */
export function suggest(wrong: string, known: Iterable<string>): string {
  const ranked = [...known]
    .map((name) => ({ name, distance: distanceOf(wrong, name) }))
    .filter(({ name, distance }) => distance <= distanceMaxFor(name))
    .toSorted((a, b) => a.distance - b.distance);
  const names = ranked.slice(0, 3).map(({ name }) => name);
  return names.length === 0 ? "" : `; did you mean ${names.join(", ")}?`;
}

/** Of directives with one letter, any two are near. */
function distanceMaxFor(name: string): number {
  return name.length < 4 ? 1 / 2 : 2;
}

/** Edits from one to the other (Levenshtein); half of one for the other case. */
function distanceOf(from: string, to: string): number {
  if (from.toLowerCase() === to.toLowerCase()) {
    return 0.5;
  }
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, character] of from.split("").entries()) {
    const next = [line + 1];
    for (const [column, other] of to.split("").entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
