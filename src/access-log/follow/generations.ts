// The names that rotation gives to the earlier generations of a log: `access.log.1`,
// `access.log-20261120`, `access-20261120.log`, `access.log.2026-11-20`, each also compressed.

/** What a name says of the age of a generation. Two of one style can be compared. */
export interface Generation {
  readonly name: string;
  readonly style: "number" | "date";
  /** Sorts the generations of one style, the oldest first. */
  readonly age: string;
  /** The name without the ending of a compressed file. */
  readonly plainName: string;
  readonly isCompressed: boolean;
}

const compressed = /\.(?:gz|zst|zstd)$/;
/** Numbers of up to four digits count generations; longer ones, also with separators, are dates. */
const number = /^\d{1,4}$/;
const stampDigitsMin = 6;
const stampText = String.raw`\d[\d.:_T-]*|old`;
const behind = new RegExp(`^(.+?)[._-](${stampText})$`);
const within = new RegExp(String.raw`^(.+?)[._-](${stampText})(\.[A-Za-z]+)$`);

/**
 * Undefined for a name that is not one of a generation of the log called `base`. Its compressed self
 * is the newest.
 */
export function parseGeneration(name: string, base: string): Generation | undefined {
  const plainName = withoutCompression(name);
  if (plainName === base && plainName !== name) {
    return { name, plainName, isCompressed: true, style: "number", age: toNumberAge(0) };
  }
  return readGenerations(name).find((found) => found.base === base);
}

/** The names that the log may have of which `name` is an earlier generation; the likelier first. */
export function basesOf(name: string): string[] {
  return readGenerations(name).map(({ base }) => base);
}

/** `a.log` for `a.log.gz`; the name itself when it is not one of a compressed file. */
export function withoutCompression(name: string): string {
  return name.replace(compressed, "");
}

function readGenerations(name: string): (Generation & { readonly base: string })[] {
  const plainName = withoutCompression(name);
  const isCompressed = plainName !== name;
  const found: (Generation & { readonly base: string })[] = [];
  for (const [, stem = "", stamp = "", extension = ""] of [
    behind.exec(plainName) ?? [],
    within.exec(plainName) ?? [],
  ]) {
    const age = toAge(stamp);
    if (age !== undefined) {
      found.push({ name, plainName, isCompressed, base: stem + extension, ...age });
    }
  }
  return found;
}

function toAge(stamp: string): Pick<Generation, "style" | "age"> | undefined {
  if (stamp === "old") {
    return { style: "number", age: toNumberAge(1) };
  }
  if (number.test(stamp)) {
    return { style: "number", age: toNumberAge(Number(stamp)) };
  }
  const digits = stamp.replaceAll(/\D/g, "");
  return digits.length >= stampDigitsMin ? { style: "date", age: digits } : undefined;
}

/** A higher number is an older generation. */
function toNumberAge(generation: number): string {
  return String(9999 - generation).padStart(4, "0");
}

/** Undefined when the names do not tell. */
export function isNewer(one: Generation, other: Generation): boolean | undefined {
  return one.style === other.style ? one.age > other.age : undefined;
}
