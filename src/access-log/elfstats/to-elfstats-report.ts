import type { Batch } from "../../core/batch.ts";
import { KnownRows } from "../window/known-rows.ts";
import { KnownSeries } from "../window/known-series.ts";
import { toObservation } from "../window/to-observation.ts";
import { type ElfstatsOptions, toElfstatsNaming, toElfstatsStyle } from "./elfstats-style.ts";
import { remember, type Round, type Seen, toElfstatsText } from "./elfstats-text.ts";
import { ElfstatsWindow } from "./elfstats-window.ts";
import type { ScannedRound } from "./scan-round.ts";

export interface ElfstatsReport {
  readonly text: string;
  /** Every duration and every text of a pattern was kept: percentiles and distinct counts are no estimates. */
  readonly isExact: boolean;
  /** Calls that are in it. */
  readonly calls: number;
}

/** The report of one round, as elfstatsd would have written it right after its start. */
export function toElfstatsReport(
  { aggregate, firstAt, lastAt }: ScannedRound,
  round: Round,
  options: ElfstatsOptions,
): ElfstatsReport {
  const { samples } = toObservation(
    { from: 0, to: 0, aggregate },
    { hasSlow: false, known: new KnownSeries(), metrics: [], knownRows: new KnownRows([]) },
  );
  const marks = { more: false, partial: false, backfill: false };
  const place = { source: "", service: "", seq: 1, from: 0, to: 0 };
  const batch: Batch = { ...place, samples, tops: [], events: [], ...marks };
  const window = new ElfstatsWindow();
  window.add(batch, toElfstatsNaming(options));
  window.firstAt = firstAt;
  window.lastAt = lastAt;
  const seen: Seen = { groups: new Map(), codes: new Set(), patterns: new Set() };
  remember(seen, window);
  return {
    text: toElfstatsText(window, seen, round, toElfstatsStyle(options)),
    isExact: window.isExact,
    calls: window.calls,
  };
}
