// The windows of a report as evenly spaced columns of a chart.

import type { ReportedSeries } from "../report.ts";

/** One column: one window or several in a row. */
export interface Stretch {
  readonly at: string;
  readonly requests: number;
  readonly bytes: number;
  /** With a status of 500 and above; of 400 to 499. */
  readonly failed: number;
  readonly refused: number;
  /** The largest of its windows; undefined without durations. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export interface Stretches {
  readonly seconds: number;
  /** Without gaps: stretches without requests are there. */
  readonly list: readonly Stretch[];
}

/** Windows that were added up until there are at most `max` columns. */
export function toStretches({ windowSeconds, windows }: ReportedSeries, max: number): Stretches {
  const windowMs = windowSeconds * 1000;
  const first = Date.parse(windows[0]?.at ?? "");
  const last = Date.parse(windows.at(-1)?.at ?? "");
  const count = Math.round((last - first) / windowMs) + 1;
  const together = Math.ceil(count / max);
  const list: Stretch[] = Array.from({ length: Math.ceil(count / together) }, (_, at) => ({
    at: new Date(first + at * together * windowMs).toISOString(),
    requests: 0,
    bytes: 0,
    failed: 0,
    refused: 0,
    p50: undefined,
    p99: undefined,
  }));
  for (const { at, requests, bytes, status, p50, p99 } of windows) {
    const place = Math.floor((Date.parse(at) - first) / windowMs / together);
    const known = list[place];
    if (known !== undefined) {
      list[place] = {
        at: known.at,
        requests: known.requests + requests,
        bytes: known.bytes + bytes,
        failed: known.failed + (status["5xx"] ?? 0),
        refused: known.refused + (status["4xx"] ?? 0),
        p50: larger(known.p50, p50),
        p99: larger(known.p99, p99),
      };
    }
  }
  return { seconds: windowSeconds * together, list };
}

function larger(known: number | undefined, value: number | null): number | undefined {
  return value === null ? known : Math.max(known ?? 0, value);
}
