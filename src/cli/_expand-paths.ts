import { findPaths } from "../access-log/follow/find-paths.ts";
import { isPlain, parsePathPattern } from "../access-log/follow/path-pattern.ts";
import { createSystemFiles } from "../engine/system-files.ts";

/** As many as a source follows. */
const pathsMax = 10_000;
const foldersMax = 20_000;

/**
 * The files that a source's patterns name now, each once, by name. One that names none stays as it is written, so that
 * whoever reads it says so.
 */
export async function expandPaths(texts: readonly string[]): Promise<string[]> {
  const files = createSystemFiles(".");
  const bounds = { pathsLeft: pathsMax, foldersLeft: foldersMax };
  const paths = new Set<string>();
  for (const text of texts) {
    const patterns = parsePathPattern(text).patterns ?? [];
    const found: string[] = [];
    for (const pattern of patterns.filter((one) => !isPlain(one))) {
      // What cannot be looked into holds nothing that could be read.
      for await (const { path, original } of findPaths(pattern, files, bounds, () => {})) {
        if (original === undefined) {
          found.push(path);
        }
      }
    }
    (found.length === 0 ? [text] : found.toSorted()).forEach((path) => paths.add(path));
  }
  return [...paths];
}
