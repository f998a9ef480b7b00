import type { Files, ReadableFile } from "../../core/component.ts";
import type { FollowedFile } from "./followed-file.ts";
import { type CompressedFile, openCompressed } from "./open-compressed.ts";

export type Handle =
  | { readonly file: ReadableFile; readonly isCompressed: false }
  | { readonly file: CompressedFile; readonly isCompressed: true };

/** Far below what a process may have open by default, with other sources beside it. */
export const openFilesMax = 256;

/** The open files of a source, those that were used last at the end; some are closed for others. */
export class HandleShelf implements AsyncDisposable {
  readonly #files: Files;
  readonly #open = new Map<FollowedFile, Handle>();

  constructor(files: Files) {
    this.#files = files;
  }

  get size(): number {
    return this.#open.size;
  }

  get(file: FollowedFile): Handle | undefined {
    return this.#open.get(file);
  }

  /**
   * The file, opened if need be; undefined when none of its names is its own any more. Rejects when
   * it cannot be opened.
   */
  async take(file: FollowedFile): Promise<Handle | undefined> {
    const handle = this.#open.get(file) ?? (await this.#find(file));
    this.#open.delete(file);
    if (handle !== undefined) {
      await this.#makeRoom();
      this.#open.set(file, handle);
    }
    return handle;
  }

  async close(file: FollowedFile): Promise<void> {
    const handle = this.#open.get(file);
    this.#open.delete(file);
    await handle?.file[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#open.keys()) {
      await this.close(file);
    }
  }

  async #find(file: FollowedFile): Promise<Handle | undefined> {
    for (const path of new Set([file.path, file.realPath ?? file.path])) {
      const handle = await openHandle(path, this.#files).catch((error: unknown) => {
        if (isMissing(error)) {
          return undefined;
        }
        throw error;
      });
      if (handle !== undefined && file.isSameAs(await handle.file.stat())) {
        return handle;
      }
      await handle?.file[Symbol.asyncDispose]();
    }
    return undefined;
  }

  /** What was left by its name would be gone with its handle; it is closed last. */
  async #makeRoom(): Promise<void> {
    if (this.#open.size < openFilesMax) {
      return;
    }
    const unused = [...this.#open.keys()];
    const file = unused.find(({ phase }) => phase !== "left") ?? unused[0];
    if (file !== undefined) {
      file.isVerified = false;
      await this.close(file);
    }
  }
}

export function isCompressedName(path: string): boolean {
  return /\.(?:gz|zst|zstd)$/.test(path);
}

/** Rejects with ENOENT and so on. */
export async function openHandle(path: string, files: Files): Promise<Handle> {
  const file = await files.open(path);
  return isCompressedName(path)
    ? { file: openCompressed(file), isCompressed: true }
    : { file, isCompressed: false };
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ENOENT" || error.code === "ENOTDIR")
  );
}
