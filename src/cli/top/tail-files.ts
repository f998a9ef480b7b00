import type { FileStat, Files, ReadableFile } from "../../core/component.ts";

/** Where in a file what is wanted of it begins, when it is seen for the first time. */
export type FindOffset = (file: ReadableFile, path: string) => Promise<number>;

/**
 * Files that begin later than they do: whoever follows one from its start begins with its last lines, and need not
 * know. It holds for the file, wherever it is renamed to, until that becomes shorter.
 */
export function createTailFiles(files: Files, findOffset: FindOffset): Files {
  const offsets = new Map<string, number>();

  async function learn(path: string): Promise<void> {
    await using file = await files.open(path);
    const key = keyOf(await file.stat());
    if (!offsets.has(key)) {
      offsets.set(key, await findOffset(file, path));
    }
  }

  function toShown(stat: FileStat): FileStat {
    const key = keyOf(stat);
    const sizeBytes = stat.sizeBytes - (offsets.get(key) ?? 0);
    if (sizeBytes < 0) {
      // It was truncated. Its follower learns that from a size of nothing, and then sees it as it is.
      offsets.set(key, 0);
    }
    return { ...stat, sizeBytes: Math.max(0, sizeBytes) };
  }

  return {
    openAppend: (path) => files.openAppend(path),
    replace: (path, text) => files.replace(path, text),
    list: (folder) => files.list(folder),
    realPath: (path) => files.realPath(path),
    openStream: (path) => files.openStream(path),
    watch: (folder, onChange) => files.watch(folder, onChange),
    async open(path) {
      await learn(path);
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
      if (stat?.kind === "file" && !offsets.has(keyOf(stat))) {
        await learn(path);
      }
      return stat && toShown(stat);
    },
  };
}

function keyOf({ dev, ino }: FileStat): string {
  return `${dev}:${ino}`;
}
