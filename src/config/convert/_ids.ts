/** Gives names of another tool the form of our ids: letters, digits, `.`, `_` and `-`, at most 64, each once. */
export interface Ids {
  of(name: string): string;
  /** Those that could not stay as they were. */
  readonly changed: readonly { readonly name: string; readonly id: string }[];
}

const idLengthMax = 64;

/** `fallback` begins the id of a name that has no letter or digit. */
export function createIds(fallback: string): Ids {
  const taken = new Set(["watchpost"]);
  const changed: { readonly name: string; readonly id: string }[] = [];
  return {
    of(name) {
      const legal = name
        .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
        .replace(/^[^A-Za-z0-9]+/, "")
        .slice(0, idLengthMax);
      const stem = legal === "" ? fallback : legal;
      let id = stem;
      for (let n = 2; taken.has(id); n++) {
        id = `${stem.slice(0, idLengthMax - 1 - String(n).length)}-${n}`;
      }
      taken.add(id);
      if (id !== name) {
        changed.push({ name, id });
      }
      return id;
    },
    changed,
  };
}
