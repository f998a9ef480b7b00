import type { Batch } from "../core/batch.ts";
import { toGraphitePath, toGraphiteTags } from "./_graphite-path.ts";
import { isAdditive, toPoints } from "./_points.ts";

export interface GraphiteForm {
  readonly tags: boolean;
  /** Of a series without tags. */
  readonly path: string;
  readonly counts: "window" | "rate";
}

/** `path value seconds`; Graphite keeps one value a series and second, the last one. */
export function toGraphiteLines(form: GraphiteForm, batch: Batch): readonly string[] {
  const seconds = (batch.to - batch.from) / 1000;
  return toPoints(batch.samples).map((point) => {
    const series = form.tags
      ? toGraphiteTags(batch, point)
      : toGraphitePath(form.path, batch, point);
    const isRate = form.counts === "rate" && isAdditive(point) && seconds > 0;
    const value = isRate ? point.value / seconds : point.value;
    return `${series} ${value} ${Math.floor(batch.to / 1000)}`;
  });
}
