import { isDeepStrictEqual } from "node:util";
import { sectionNames, type Config, type MapName, type SectionName } from "./config.ts";
import { findSecrets } from "./_find-secrets.ts";

/** What a reload has to act upon. */
export interface ConfigDiff {
  readonly sections: readonly SectionName[];
  readonly sources: MapDiff;
  readonly outputs: MapDiff;
  readonly rules: MapDiff;
}

/** Ids, in the order of the file. */
export interface MapDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Compares what was written, with its defaults, and the values of secrets: a password that was changed where it is
 * kept counts as a change. So does another way to write the same ("60s" for "1m").
 */
export function diffConfigs(old: Config<unknown>, next: Config<unknown>): ConfigDiff {
  const secrets = changedSecrets(old, next);
  return {
    sections: sectionNames.filter(
      (name) =>
        !isDeepStrictEqual(old.written[name], next.written[name]) || secrets.has(toKey([name])),
    ),
    sources: diffMaps("sources", old, next, secrets),
    outputs: diffMaps("outputs", old, next, secrets),
    rules: diffMaps("rules", old, next, secrets),
  };
}

export function isEmptyDiff({ sections, ...maps }: ConfigDiff): boolean {
  const changes = Object.values(maps).flatMap((map) => [map.added, map.removed, map.changed]);
  return sections.length === 0 && changes.every((ids) => ids.length === 0);
}

function diffMaps(
  name: MapName,
  { written: { [name]: old } }: Config<unknown>,
  { written: { [name]: next } }: Config<unknown>,
  secrets: ReadonlySet<string>,
): MapDiff {
  const [oldIds, nextIds] = [[...old.keys()], [...next.keys()]];
  return {
    added: nextIds.filter((id) => !old.has(id)),
    removed: oldIds.filter((id) => !next.has(id)),
    changed: nextIds.filter(
      (id) =>
        old.has(id) &&
        (!isDeepStrictEqual(old.get(id), next.get(id)) || secrets.has(toKey([name, id]))),
    ),
  };
}

/** The sections and entries that hold a secret of the same place and another value. */
function changedSecrets(old: Config<unknown>, next: Config<unknown>): ReadonlySet<string> {
  const before = new Map(findSecrets(old).map(({ path, secret }) => [toKey(path), secret]));
  const changed = new Set<string>();
  for (const { path, secret } of findSecrets(next)) {
    const previous = before.get(toKey(path));
    if (previous !== undefined && !previous.equals(secret)) {
      changed.add(toKey(path[0] === "server" ? ["server"] : path.slice(0, 2)));
    }
  }
  return changed;
}

function toKey(path: readonly (string | number)[]): string {
  return JSON.stringify(path);
}
