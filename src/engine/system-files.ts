import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { AppendableFile, FileStat, Files, ReadableFile } from "../core/component.ts";

/** The real file system as components see it; relative paths are relative to `folder`. */
export function createSystemFiles(folder: string): Files {
  return {
    open: (path) => openReadable(resolve(folder, path)),
    openAppend: (path) => openAppendable(resolve(folder, path)),
    replace: (path, text) => replaceFile(resolve(folder, path), text),
    stat: (path) => statPath(resolve(folder, path)),
  };
}

async function openReadable(path: string): Promise<ReadableFile> {
  // Without O_NONBLOCK the open of a named pipe that has no writer would never return.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return {
    async read(into, offset) {
      const { bytesRead } = await handle.read(into, 0, into.length, offset);
      return bytesRead;
    },
    stat: async () => toFileStat(await handle.stat()),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function openAppendable(path: string): Promise<AppendableFile> {
  const handle = await open(path, "a");
  return {
    append: (text) => handle.appendFile(text),
    sync: () => handle.sync(),
    stat: async () => toFileStat(await handle.stat()),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** Beside its place, so that the last step is a rename; exclusive, so that a planted link is not followed. */
async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await using handle = await open(draft, "wx", 0o644);
    await handle.writeFile(text);
    await handle.sync();
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function statPath(path: string): Promise<FileStat | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  });
  return found && toFileStat(found);
}

function toFileStat(found: {
  dev: number;
  ino: number;
  size: number;
  isFile(): boolean;
}): FileStat {
  return { dev: found.dev, ino: found.ino, sizeBytes: found.size, isFile: found.isFile() };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR")
  );
}
