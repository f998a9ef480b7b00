// What a position holds of the files of a source.
import { z } from "zod";
import { lineStateSchema } from "../line-counter.ts";
import { contentMarkSchema, noMark } from "./content-mark.ts";

/** One file. Thousands of them are written with every window, so that they are kept small. */
export const storedFileSchema = z.strictObject({
  path: z.string(),
  /** The path that it was followed under, when it has another one now. */
  family: z.string().optional(),
  /** Where it is without symbolic links, when that is elsewhere. */
  place: z.string().optional(),
  dev: z.number(),
  ino: z.union([z.number(), z.string()]),
  offset: z.number(),
  tail: contentMarkSchema,
  head: contentMarkSchema,
  /** The size and the time of the last write when it was looked at last. */
  seen: z.tuple([z.number(), z.number()]),
  /**
   * `left`: another file has taken its name, and it may hold lines that are not counted.
   * `done`: no more is expected of it; it is remembered so that it is not read again.
   */
  phase: z.enum(["left", "done"]).optional(),
  /** Lines of earlier times do not count, until its end was seen once. */
  sinceMs: z.number().optional(),
  state: lineStateSchema.optional(),
});
export type StoredFile = z.output<typeof storedFileSchema>;

export const storedFilesSchema = z.strictObject({
  /** Patterns that were followed before, as they were written: their first start is behind them. */
  patterns: z.array(
    z.strictObject({
      text: z.string(),
      /** Files with an earlier date in their names are none of its business. */
      sinceStamp: z.number().optional(),
    }),
  ),
  /** The oldest of each family first. */
  files: z.array(storedFileSchema),
  /** By family: the last write to files that are read and no longer named here. */
  forgotten: z.record(z.string(), z.number()).optional(),
  /** When the folders were looked through last. */
  scannedAtMs: z.number().optional(),
  /** The first start's backfill is not over. */
  isBackfill: z.boolean().optional(),
});
export type StoredFiles = z.output<typeof storedFilesSchema>;

/** The places of version 1 and 2, which knew one path. */
const oldFilesSchema = z.array(
  z.union([
    z.enum(["start", "end"]),
    z.strictObject({ path: z.string(), from: z.enum(["start", "end"]) }),
    z.strictObject({
      path: z.string(),
      dev: z.number(),
      ino: z.number(),
      offset: z.number(),
      checkBytes: z.number(),
      checksum: z.number(),
    }),
  ]),
);

export function parseStoredFiles(saved: unknown): StoredFiles | undefined {
  return storedFilesSchema.safeParse(saved).data;
}

/**
 * What versions 1 and 2 held. A file that they were to read from its end and had not opened yet is
 * left to what the configuration says of a first start.
 */
export function fromOldFiles(saved: unknown, state: StoredFile["state"]): StoredFiles | undefined {
  const old = oldFilesSchema.safeParse(saved).data;
  if (old === undefined) {
    return undefined;
  }
  const patterns: { text: string }[] = [];
  const files: StoredFile[] = [];
  for (const file of old) {
    if (typeof file === "object" && "dev" in file) {
      const { path, dev, ino, offset, checkBytes, checksum } = file;
      patterns.push({ text: path });
      files.push({
        path,
        dev,
        ino,
        offset,
        tail: [checkBytes, checksum],
        head: [...noMark],
        seen: [offset, 0],
        ...(files.length === 0 && state !== undefined && { state }),
      });
    } else if (typeof file === "object" && file.from === "start") {
      patterns.push({ text: file.path });
    }
  }
  return { patterns, files };
}
