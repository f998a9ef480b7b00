import type { FileStat, Files, ReadableFile } from "../../core/component.ts";

/** A file and the place in it that is to be its beginning. */
export interface TailStart {
  readonly dev: FileStat["dev"];
  readonly ino: FileStat["ino"];
  readonly offsetBytes: number;
}

/**
 * Files of which some begin later than they do: whoever follows one from its start begins with its last lines, and
 * need not know. It holds for the file, wherever it is renamed to, until that becomes shorter.
 */
export function createTailFiles(files: Files, starts: readonly TailStart[]): Files {
  const offsets = new Map(
    starts.map(({ dev, ino, offsetBytes }) => [`${dev}:${ino}`, offsetBytes]),
  );
  const toShown = (stat: FileStat): FileStat => {
    const key = keyOf(stat);
    const sizeBytes = stat.sizeBytes - (offsets.get(key) ?? 0);
    if (sizeBytes < 0) {
      // It was truncated. Its follower learns that from a size of nothing, and then sees it as it is.
      offsets.delete(key);
    }
    return { ...stat, sizeBytes: Math.max(0, sizeBytes) };
  };
  return {
    openAppend: (path) => files.openAppend(path),
    replace: (path, text) => files.replace(path, text),
    list: (folder) => files.list(folder),
    realPath: (path) => files.realPath(path),
    openStream: (path) => files.openStream(path),
    watch: (folder, onChange) => files.watch(folder, onChange),
    async open(path) {
      const file = await files.open(path);
      const key = keyOf(await file.stat());
      return {
        read: (into, offset) => file.read(into, offset + (offsets.get(key) ?? 0)),
        stat: async () => toShown(await file.stat()),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      } satisfies ReadableFile;
    },
    async stat(path) {
      const stat = await files.stat(path);
      return stat && toShown(stat);
    },
  };
}

function keyOf({ dev, ino }: FileStat): string {
  return `${dev}:${ino}`;
}
