import type { AppendableFile, Files } from "../core/component.ts";

export interface RotatingFileOptions {
  readonly path: string;
  /** What begins the file each time it is opened and something is appended to it. */
  readonly toHead?: () => string;
  /** Waits after each append until it survives a power cut. */
  readonly isSynced?: boolean;
}

/** A file of lines that others may rename or remove at any time. */
export interface RotatingFile extends AsyncDisposable {
  /** Appends whole lines. What was appended before it throws may end in the middle of a line, which is then closed. */
  append(lines: string): Promise<void>;
}

/** Follows a rotation: once the path names another file, or none, the next append goes to a new one. */
export async function openRotatingFile(
  { path, toHead, isSynced = false }: RotatingFileOptions,
  files: Files,
): Promise<RotatingFile> {
  let file = await files.openAppend(path);
  let isBegun = false;
  /** The last append failed after a part of it was taken: the file may end in the middle of a line. */
  let isTorn = false;

  async function follow(): Promise<void> {
    const next = await reopenWhenRotated(file, path, files);
    if (next !== file) {
      file = next;
      isBegun = false;
      isTorn = false;
    }
  }

  return {
    async append(lines) {
      await follow();
      const head = isBegun ? "" : (toHead?.() ?? "");
      const { sizeBytes } = await file.stat();
      const end = isTorn && sizeBytes > 0 ? "\n" : "";
      try {
        await file.append(`${end}${head}${lines}`);
        [isTorn, isBegun] = [false, true];
      } catch (error) {
        isTorn ||= (await file.stat()).sizeBytes !== sizeBytes;
        throw error;
      }
      if (isSynced) {
        await file.sync();
      }
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

async function reopenWhenRotated(
  file: AppendableFile,
  path: string,
  files: Files,
): Promise<AppendableFile> {
  const [open, named] = await Promise.all([file.stat(), files.stat(path)]);
  if (named?.dev === open.dev && named.ino === open.ino) {
    return file;
  }
  const next = await files.openAppend(path);
  await file[Symbol.asyncDispose]();
  return next;
}
