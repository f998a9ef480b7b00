// Which paths a pattern names now.
import type { Files, FolderEntry } from "../../core/component.ts";
import { basesOf, withoutCompression } from "./generations.ts";
import type { DatePart, NameDate } from "./name-date.ts";
import { toStamp } from "./name-date.ts";
import { digitsOf, matchName, type PathPattern, type Segment, type Token } from "./path-pattern.ts";

export interface FoundPath {
  readonly path: string;
  /** Sorts the paths of one family by the dates in their names; undefined without a year. */
  readonly stamp: number | undefined;
  /** The path with the parts of dates left out: the same for files that follow one another. */
  readonly family: string;
  readonly date: NameDate;
  /** The pattern names this path instead, of which the file is a generation by its name. */
  readonly original: string | undefined;
}

/** What one search may look at. */
export interface SearchBounds {
  pathsLeft: number;
  foldersLeft: number;
}

interface Place {
  readonly path: string;
  readonly family: string;
  readonly date: NameDate;
  readonly original?: string | undefined;
}

/**
 * Stops when a bound is reached, which is then below 0. A folder that cannot be read has nothing
 * in it, and `onProblem` is told.
 */
export async function* findPaths(
  pattern: PathPattern,
  files: Files,
  bounds: SearchBounds,
  onProblem: (folder: string, error: unknown) => void,
): AsyncGenerator<FoundPath> {
  const walk = new Walk(files, bounds, onProblem);
  const start = pattern.isAbsolute ? "/" : "";
  for await (const { path, family, date, original } of walk.from(
    { path: start, family: start, date: {} },
    pattern.segments,
  )) {
    const stamp = pattern.isDated ? toStamp(date) : undefined;
    yield { path, family, date, stamp, original };
  }
}

class Walk {
  readonly #files: Files;
  readonly #bounds: SearchBounds;
  readonly #onProblem: (folder: string, error: unknown) => void;

  constructor(
    files: Files,
    bounds: SearchBounds,
    onProblem: (folder: string, error: unknown) => void,
  ) {
    this.#files = files;
    this.#bounds = bounds;
    this.#onProblem = onProblem;
  }

  async *from(place: Place, segments: readonly Segment[]): AsyncGenerator<Place> {
    const [segment, ...rest] = segments;
    if (segment === undefined) {
      if (--this.#bounds.pathsLeft >= 0) {
        yield place;
      }
      return;
    }
    switch (segment.kind) {
      case "literal":
        yield* this.from(below(place, segment.text, segment.text, {}), rest);
        return;
      case "folders":
        yield* this.#throughFolders(place, segments);
        return;
      case "pattern":
        yield* this.#matching(place, segment.tokens, rest);
    }
  }

  async *#matching(
    place: Place,
    tokens: readonly Token[],
    rest: readonly Segment[],
  ): AsyncGenerator<Place> {
    for (const { name, kind } of await this.#list(place.path)) {
      const isFitting =
        rest.length === 0 ? kind !== "folder" : kind === "folder" || kind === "link";
      const found = isFitting ? findName(tokens, name, rest.length === 0) : undefined;
      if (found === undefined) {
        continue;
      }
      const { date, family } = readDate(tokens, found.places, found.name);
      const inner = below(place, name, family, date);
      const isOriginal = found.name === name;
      const original = isOriginal ? undefined : join(place.path, found.name);
      yield* this.from({ ...inner, original }, rest);
      if (this.#bounds.pathsLeft < 0) {
        return;
      }
    }
  }

  /** Links are not followed here: they may lead in circles. */
  async *#throughFolders(place: Place, segments: readonly Segment[]): AsyncGenerator<Place> {
    yield* this.from(place, segments.slice(1));
    for (const { name, kind } of await this.#list(place.path)) {
      if (kind === "folder" && !name.startsWith(".") && this.#bounds.pathsLeft >= 0) {
        yield* this.#throughFolders(below(place, name, name, {}), segments);
      }
    }
  }

  async #list(path: string): Promise<readonly FolderEntry[]> {
    if (--this.#bounds.foldersLeft < 0) {
      return [];
    }
    try {
      const found = await this.#files.list(path === "" ? "." : path);
      return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      this.#onProblem(path, error);
      return [];
    }
  }
}

/** Of a file, also by the name that it had before it was rotated or compressed. */
function findName(
  tokens: readonly Token[],
  name: string,
  isFile: boolean,
): { readonly name: string; readonly places: readonly number[] } | undefined {
  const earlier = isFile ? [withoutCompression(name), ...basesOf(name)] : [];
  for (const each of new Set([name, ...earlier])) {
    const places = matchName(tokens, each);
    if (places !== undefined) {
      return { name: each, places };
    }
  }
  return undefined;
}

function below(place: Place, name: string, familyName: string, date: NameDate): Place {
  return {
    path: join(place.path, name),
    family: join(place.family, familyName),
    date: { ...place.date, ...date },
  };
}

function join(folder: string, name: string): string {
  return folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** What the name says of a date, and the name without it. */
function readDate(
  tokens: readonly Token[],
  places: readonly number[],
  name: string,
): { readonly date: NameDate; readonly family: string } {
  const date: Partial<Record<DatePart, string>> = {};
  const chars = [...name.matchAll(/[^]/g)].map(([char]) => char);
  for (const [index, token] of tokens.entries()) {
    const place = places[index];
    if (token.kind === "digit" && place !== undefined) {
      // A part that is there twice says the same twice.
      const digits = (date[token.part] ?? "") + name.charAt(place);
      date[token.part] = digits.slice(0, digitsOf[token.part]);
      chars[place] = "%";
    }
  }
  return { date, family: chars.join("") };
}
