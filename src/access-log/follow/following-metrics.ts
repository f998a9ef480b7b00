import type { MetricDefinition } from "../../core/component.ts";

/** Metrics of following files, beside those of what is in them. */
export const followingMetrics = {
  watchpost_log_lag_bytes: {
    kind: "gauge",
    help: "Bytes of the files that were seen and not read yet.",
  },
  watchpost_log_lag_seconds: {
    kind: "gauge",
    help:
      "Age of the last line that was read, while there are more; of the file that is furthest " +
      "behind. 0 at the end of all files.",
  },
  watchpost_log_open_files: { kind: "gauge", help: "Files that are held open." },
  watchpost_log_rotations_total: {
    kind: "count",
    help: "Times that a path came to name another file.",
  },
  watchpost_log_truncations_total: {
    kind: "count",
    help: "Times that a file was cut off or written anew in its place.",
  },
  watchpost_log_lost_bytes_total: {
    kind: "count",
    help:
      "Bytes that were seen and destroyed before they could be read, by a truncation or a removal. " +
      "What was written and destroyed between two looks, nobody can know.",
  },
} as const satisfies Record<string, MetricDefinition>;
