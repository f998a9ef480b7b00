// What a file is, before anybody reads it.

import { open, stat } from "node:fs/promises";
import { detectCompression, magicBytes } from "./decompress.ts";
import { emptyFile, toReadProblem } from "./file-problems.ts";
import { type FileProblem, standardInput } from "./scan-request.ts";

export interface InspectedFile {
  /** Undefined for pipes and standard input: they are read once, as they come. */
  readonly sizeBytes: number | undefined;
  readonly isCompressed: boolean;
  readonly problem: FileProblem | undefined;
}

/** Never rejects. */
export async function inspectFile(path: string): Promise<InspectedFile> {
  const unknown = { sizeBytes: undefined, isCompressed: false };
  if (path === standardInput) {
    return { ...unknown, problem: undefined };
  }
  try {
    const found = await stat(path);
    if (found.isDirectory()) {
      const problem = { code: "folder", message: "is a folder; name the files in it" } as const;
      return { ...unknown, problem };
    }
    return found.isFile()
      ? await inspectBytes(path, found.size)
      : { ...unknown, problem: undefined };
  } catch (error) {
    return { ...unknown, problem: toReadProblem(error) };
  }
}

async function inspectBytes(path: string, sizeBytes: number): Promise<InspectedFile> {
  await using handle = await open(path);
  const head = new Uint8Array(magicBytes);
  const { bytesRead } = await handle.read(head, 0, magicBytes, 0);
  if (bytesRead === 0) {
    return { sizeBytes: 0, isCompressed: false, problem: emptyFile };
  }
  const found = detectCompression(head.subarray(0, bytesRead));
  return typeof found === "string"
    ? { sizeBytes, isCompressed: found !== "none", problem: undefined }
    : {
        sizeBytes,
        isCompressed: true,
        problem: { code: "foreign-compression", message: found.problem },
      };
}
