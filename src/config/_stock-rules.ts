// `stock: name` stands for the keys of a rule of ours: they are filled in before anything is checked, so that a rule
// made so is held against the sources like any other.
import type { RawEntries } from "./_entries.ts";
import type { StockRule } from "./config.ts";
import { isRecord } from "./_schema-walk.ts";

/** Keys of which a rule has one: writing one takes the place of the others. */
const sides = ["above", "below"] as const;

/** An unknown name is left as it is, for the rule's own schema to refuse. */
export function fillStockRules(
  rules: RawEntries,
  stockRules: Readonly<Record<string, StockRule>> = {},
): RawEntries {
  return new Map([...rules].map(([id, entry]) => [id, fill(entry, stockRules)]));
}

function fill(entry: unknown, stockRules: Readonly<Record<string, StockRule>>): unknown {
  const name = isRecord(entry) ? entry["stock"] : undefined;
  const isKnown = typeof name === "string" && Object.hasOwn(stockRules, name);
  const stock = isKnown ? stockRules[name]?.rule : undefined;
  if (!isRecord(entry) || stock === undefined) {
    return entry;
  }
  const hasSide = sides.some((side) => entry[side] !== undefined);
  const kept = Object.entries(stock).filter(([key]) => !(hasSide && isReplaced(key)));
  return { ...Object.fromEntries(kept), ...entry };
}

/** With a threshold of one's own, when it clears is one's own, too. */
function isReplaced(key: string): boolean {
  return key === "clear" || sides.some((side) => side === key);
}
