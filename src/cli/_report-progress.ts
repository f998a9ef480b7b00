// How far a report is, on a terminal's standard error.

import tty from "node:tty";
import type { ScanProgress } from "../access-log/report/scan-logs.ts";
import { toBar } from "../access-log/report/render/text-charts.ts";
import { toBytesText, toShareText, toSpanText } from "../access-log/report/render/quantities.ts";
import type { Terminal } from "./command.ts";

export interface ProgressLine extends Disposable {
  show(progress: ScanProgress): void;
}

const everyMs = 100;
/** Nothing is shown of what is over sooner. */
const quietMs = 300;
const barWidth = 24;
const eraseLine = "\r\u001b[2K";

/** Disposing wipes it off. Says nothing where standard error is no terminal. */
export function createProgressLine({ note, env, environment }: Terminal): ProgressLine {
  const { monotonic } = environment.clock;
  const isShown = tty.isatty(2) && env["TERM"] !== "dumb";
  const startMs = monotonic();
  let lastMs = startMs + quietMs - everyMs;
  let isWritten = false;
  return {
    show(progress) {
      const nowMs = monotonic();
      if (isShown && nowMs - lastMs >= everyMs) {
        lastMs = nowMs;
        isWritten = true;
        note(`${eraseLine}${toProgressText(progress, nowMs - startMs)}`);
      }
    },
    [Symbol.dispose]() {
      if (isWritten) {
        note(eraseLine);
      }
    },
  };
}

/** `████▌    18%  1.2 GiB of 6.5 GiB, 310 MiB/s, 17 s left`; without a total only what is known. */
export function toProgressText({ bytes, totalBytes }: ScanProgress, elapsedMs: number): string {
  const perSecond = (bytes * 1000) / Math.max(1, elapsedMs);
  const rate = `${toBytesText(Math.round(perSecond))}/s`;
  if (totalBytes === undefined || totalBytes === 0) {
    return `${toBytesText(bytes)}, ${rate}`;
  }
  const done = Math.min(bytes, totalBytes);
  const leftSeconds = (totalBytes - done) / Math.max(1, perSecond);
  const bar = toBar(done / totalBytes, barWidth).padEnd(barWidth);
  const share = toShareText(done, totalBytes).replace(/\.\d/, "").padStart(4);
  const size = `${toBytesText(done)} of ${toBytesText(totalBytes)}`;
  return `${bar} ${share}  ${size}, ${rate}, ${toSpanText(leftSeconds)} left`;
}
