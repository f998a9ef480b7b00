import { z } from "zod";

/** Options of outputs that keep a ledger. */
export const seriesOptions = {
  seriesMax: z
    .int()
    .min(1)
    .default(100_000)
    .describe("Series beyond this number are left out; their samples are counted as refused."),
  silentIntervals: z
    .int()
    .min(1)
    .default(3)
    .describe(
      "The series of a source that has delivered nothing for so many of its intervals, and for a " +
        "minute, end; they go on when it is back.",
    ),
};
