// Which of the palette's colours a group gets. The colours themselves are in styles/tokens.css, as
// --series-1 to --series-7.

/**
 * Colours that people with any colour vision tell apart; more would not be told apart by anybody.
 */
export const coloursMax = 7;

const palette = Array.from({ length: coloursMax }, (_, index) => `--series-${index + 1}`);

/** For all that has no colour of its own. */
export const quietColour = "--series-other";

/**
 * Gives every name of `shown` (at most `coloursMax`) a custom property of its own. A name keeps its
 * colour while it is shown; new ones take the first that are free, by name, so that a reload brings
 * the same colours. Areas are stacked by name too, and neighbours of the palette are far apart.
 */
export function assignColours(
  held: ReadonlyMap<string, string>,
  shown: readonly string[],
): Map<string, string> {
  const assigned = new Map<string, string>();
  for (const name of shown) {
    const colour = held.get(name);
    if (colour !== undefined) {
      assigned.set(name, colour);
    }
  }
  const taken = new Set(assigned.values());
  const free = palette.filter((colour) => !taken.has(colour));
  for (const name of shown.filter((one) => !assigned.has(one)).toSorted()) {
    assigned.set(name, free.shift() ?? quietColour);
  }
  return assigned;
}
