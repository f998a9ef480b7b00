// Which of the palette's colours a group gets. The colours themselves are in style.css, as --series-1 to --series-7.

/** Colours that people with any colour vision tell apart; more would not be told apart by anybody. */
export const coloursMax = 7;

/** For all that has no colour of its own. */
export const quietColour = "--series-other";

/**
 * Gives every name of `shown` (at most `coloursMax`) a custom property's name of its own. A name keeps its colour while it
 * is shown; a new one gets the colour that its spelling asks for, or else the next that is free, so that a group has
 * the same colour after a reload and, mostly, on every source.
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
  for (const name of shown.filter((one) => !assigned.has(one)).toSorted()) {
    const colour = freeColour(taken, hash(name));
    assigned.set(name, colour);
    taken.add(colour);
  }
  return assigned;
}

function freeColour(taken: ReadonlySet<string>, wish: number): string {
  for (let step = 0; step < coloursMax; step++) {
    const colour = `--series-${((wish + step) % coloursMax) + 1}`;
    if (!taken.has(colour)) {
      return colour;
    }
  }
  return quietColour;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value ^ (value >>> 16)) >>> 0;
}
