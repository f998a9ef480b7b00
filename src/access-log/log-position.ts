// What survives of a followed log: with every observation it becomes part of the journal.
import { z } from "zod";
import { fromOldFiles } from "./follow/stored-files.ts";
import { lineStateSchema } from "./line-counter.ts";
import { knownRowsSchema } from "./window/known-rows.ts";
import { knownSeriesSchema } from "./window/known-series.ts";
import { windowsPositionSchema } from "./window/open-windows.ts";

const countsShape = {
  /** The group names in use, and the rules that gave them. */
  groups: z.strictObject({ rules: z.string(), names: z.array(z.string()) }),
  windows: windowsPositionSchema,
  known: knownSeriesSchema,
  /** Metrics of the user's own: how they were defined, and the rows that they have had. */
  metrics: z.strictObject({ specs: z.string(), known: knownRowsSchema }).optional(),
};

const positionSchema = z.strictObject({
  version: z.literal(3),
  /** Of the way in: every file's identity and offset, for example. */
  input: z.unknown(),
  ...countsShape,
});

export type LogPosition = z.output<typeof positionSchema>;

/** One path, or those of earlier configurations behind it; the lines' state was that of the first. */
const secondSchema = z.strictObject({
  version: z.literal(2),
  files: z.unknown(),
  header: lineStateSchema.shape.header,
  state: lineStateSchema.optional(),
  ...countsShape,
});

/** What it held of open windows cannot be read any more. */
const firstSchema = z.object({ version: z.literal(1), files: z.unknown() });

/** `isPartial`: the place is known, but not what was counted in windows that are still open. */
export type FoundPosition = LogPosition & { readonly isPartial?: boolean };

/** Undefined also for what this version cannot read: it must not stop the source for good. */
export function parseLogPosition(position: unknown): FoundPosition | undefined {
  const second = secondSchema.safeParse(position).data;
  if (second !== undefined) {
    const { files, header, state, ...counts } = second;
    const input = fromOldFiles(files, state ?? (header && { header }));
    return input && { ...counts, version: 3, input };
  }
  const first = firstSchema.safeParse(position).data;
  if (first !== undefined) {
    const input = fromOldFiles(first.files, undefined);
    return (
      input && {
        version: 3,
        input,
        groups: { rules: "", names: [] },
        windows: { everyMs: 0, watermark: 0, windows: [] },
        known: [],
        isPartial: true,
      }
    );
  }
  return positionSchema.safeParse(position).data;
}
