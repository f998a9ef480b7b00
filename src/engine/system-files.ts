import { randomUUID } from "node:crypto";
import { type BigIntStats, constants, type Dirent, watch } from "node:fs";
import { open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type {
  AppendableFile,
  FileKind,
  FileStat,
  Files,
  FolderEntry,
  ReadableFile,
} from "../core/component.ts";
import { openByteStream } from "./byte-stream.ts";

/** The real file system as components see it; relative paths are relative to `folder`. */
export function createSystemFiles(folder: string): Files {
  return {
    open: (path) => openReadable(resolve(folder, path)),
    openAppend: (path) => openAppendable(resolve(folder, path)),
    replace: (path, text) => replaceFile(resolve(folder, path), text),
    stat: (path) => statPath(resolve(folder, path)),
    list: (path) => listFolder(resolve(folder, path)),
    realPath: (path) => realpath(resolve(folder, path)),
    openStream: (path) => openByteStream(path === "-" ? path : resolve(folder, path)),
    watch: (path, onChange) => watchFolder(resolve(folder, path), onChange),
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
    stat: async () => toFileStat(await handle.stat({ bigint: true })),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function openAppendable(path: string): Promise<AppendableFile> {
  const handle = await open(path, "a");
  return {
    append: (text) => handle.appendFile(text),
    sync: () => handle.sync(),
    stat: async () => toFileStat(await handle.stat({ bigint: true })),
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
  try {
    return toFileStat(await stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

function toFileStat(found: BigIntStats): FileStat {
  const { dev, ino, size, mtimeNs } = found;
  return {
    dev: Number(dev),
    ino: ino <= Number.MAX_SAFE_INTEGER ? Number(ino) : String(ino),
    sizeBytes: Number(size),
    mtimeMs: Number(mtimeNs) / 1e6,
    kind: kindOf(found) ?? "device",
  };
}

function kindOf(found: BigIntStats | Dirent): FileKind | undefined {
  if (found.isFile()) {
    return "file";
  }
  if (found.isDirectory()) {
    return "folder";
  }
  if (found.isFIFO()) {
    return "pipe";
  }
  if (found.isSocket()) {
    return "socket";
  }
  return found.isCharacterDevice() || found.isBlockDevice() ? "device" : undefined;
}

async function listFolder(path: string): Promise<readonly FolderEntry[]> {
  try {
    const found = await readdir(path, { withFileTypes: true });
    // Some file systems do not say what an entry is; as a link, it is looked at more closely.
    return found.map((entry) => ({ name: entry.name, kind: kindOf(entry) ?? "link" }));
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}

function watchFolder(path: string, onChange: (name: string | undefined) => void): Disposable {
  try {
    const watcher = watch(path, { persistent: false }, (_, name) => onChange(name ?? undefined));
    // Too many watches, or the folder went away: its owner looks by itself as well.
    watcher.on("error", () => watcher.close());
    return { [Symbol.dispose]: () => watcher.close() };
  } catch {
    return { [Symbol.dispose]: () => {} };
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR")
  );
}
