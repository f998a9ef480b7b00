/** Random choices that a seed repeats. */
export interface Random {
  /** In [0, 1). */
  readonly next: () => number;
  /** A whole number in [from, to]. */
  readonly between: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(choices: readonly T[]) => T;
  /** Another sequence, which does not depend on how much of this one was used. */
  readonly fork: (name: string) => Random;
}

/** Mulberry32: enough for choices, and repeatable. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (choices) => {
      const [chosen] = choices.slice(between(0, choices.length - 1));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a choice may itself be undefined
      return chosen as (typeof choices)[number];
    },
    fork: (name) => {
      let mixed = seed;
      for (const char of name) {
        mixed = mix(mixed + (char.codePointAt(0) ?? 0));
      }
      return createRandom(mixed);
    },
  };
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), 1 | value);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return mixed ^ (mixed >>> 14);
}
