// Which of a million numbers were counted twice or never, out of a few hundred sums: an invertible Bloom lookup table
// (Goodrich and Mitzenmacher, https://arxiv.org/abs/1101.2245). A log's metrics can carry the sums, not the numbers.

/** Each number is in one cell of each table. A metric's label names the cell. */
export const tables = ["user", "host", "status"] as const;
export type Table = (typeof tables)[number];
export const cellsPerTable = 64;
/** More cannot be told apart; without it, sums that are of no numbers could be taken apart for ever. */
const peeledMax = tables.length * cellsPerTable;

/** What a cell holds of its numbers: how many, their sum, and the sum of their hashes. */
export const quantities = ["lines", "numbers", "hashes"] as const;
export type Quantity = (typeof quantities)[number];

type Cell = Record<Quantity, number>;

/** 30 bits, so that the sum over ten million lines is exact. */
export function hashOf(number: number): number {
  return scramble(number, 0x9e3779b1) >>> 2;
}

export function cellOf(table: Table, number: number): number {
  const salt = { user: 0x85ebca6b, host: 0xc2b2ae35, status: 0x27d4eb2f }[table];
  return scramble(number, salt) % cellsPerTable;
}

function scramble(number: number, salt: number): number {
  let mixed = Math.imul(number ^ salt, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A number, and how often it is there: negative when it was taken away more often than it was added. */
export type Remains = ReadonlyMap<number, number>;

/** A multiset of whole numbers from 1 on, with room for the names of some 150: enough for a difference. */
export class Fingerprint {
  readonly #cells: Readonly<Record<Table, readonly Cell[]>> = {
    user: createCells(),
    host: createCells(),
    status: createCells(),
  };

  /** How many numbers there are, in a table; the same in all of them unless something is wrong. */
  lines(table: Table = "user"): number {
    return this.#cells[table].reduce((sum, { lines }) => sum + lines, 0);
  }

  add(number: number, times = 1): void {
    for (const table of tables) {
      const cell = cellOf(table, number);
      this.addSum(table, { cell, quantity: "lines", value: times });
      this.addSum(table, { cell, quantity: "numbers", value: times * number });
      this.addSum(table, { cell, quantity: "hashes", value: times * hashOf(number) });
    }
  }

  /** What was measured of a cell. */
  addSum(
    table: Table,
    sum: { readonly cell: number; readonly quantity: Quantity; readonly value: number },
  ): void {
    const cell = this.#cells[table][sum.cell];
    if (cell === undefined) {
      throw new RangeError(`there is no cell ${sum.cell} in ${table}`);
    }
    cell[sum.quantity] += sum.value;
  }

  /** The numbers, or undefined when they are too many to be told apart, or were never numbers of this kind. */
  remains(): Remains | undefined {
    const rest = this.#clone();
    const found = new Map<number, number>();
    for (let peeled = 0; peeled < peeledMax; peeled++) {
      const next = rest.#findPure();
      if (next === undefined) {
        break;
      }
      const [number, times] = next;
      found.set(number, (found.get(number) ?? 0) + times);
      rest.add(number, -times);
    }
    return rest.#isEmpty() ? new Map([...found].filter(([, times]) => times !== 0)) : undefined;
  }

  /** The first and the last number, when each between them is there equally often, and nothing else. */
  range(): readonly [first: number, last: number] | undefined {
    const count = Math.abs(this.lines());
    const sum = Math.abs(this.#cells.user.reduce((all, { numbers }) => all + numbers, 0));
    const first = sum / count - (count - 1) / 2;
    if (!Number.isSafeInteger(first) || first < 1) {
      return undefined;
    }
    const rest = this.#clone();
    for (let number = first; number < first + count; number++) {
      rest.add(number, -Math.sign(this.lines()));
    }
    return rest.#isEmpty() ? [first, first + count - 1] : undefined;
  }

  #clone(): Fingerprint {
    const clone = new Fingerprint();
    for (const table of tables) {
      for (const [cell, sums] of this.#cells[table].entries()) {
        quantities.forEach((quantity) =>
          clone.addSum(table, { cell, quantity, value: sums[quantity] }),
        );
      }
    }
    return clone;
  }

  #findPure(): readonly [number: number, times: number] | undefined {
    for (const table of tables) {
      for (const [index, { lines, numbers, hashes }] of this.#cells[table].entries()) {
        const number = numbers / lines;
        const isNumber = lines !== 0 && Number.isSafeInteger(number) && number > 0;
        if (isNumber && hashOf(number) * lines === hashes && cellOf(table, number) === index) {
          return [number, lines];
        }
      }
    }
    return undefined;
  }

  #isEmpty(): boolean {
    return tables.every((table) =>
      this.#cells[table].every((cell) => quantities.every((quantity) => cell[quantity] === 0)),
    );
  }
}

function createCells(): readonly Cell[] {
  return Array.from({ length: cellsPerTable }, () => ({ lines: 0, numbers: 0, hashes: 0 }));
}
