// Rows to samples. Hot path: 5 000 servers are some 40 000 samples a poll.
import { count, gauge, type Labels, type Sample } from "../core/sample.ts";
import { counterColumns, gaugeColumns, numberIndexOf, rowStride, type RowKind } from "./columns.ts";
import type { Whole } from "./merge-workers.ts";
import type { Row } from "./parse-stats.ts";
import { counterCount } from "./position.ts";
import { isServing, toStateName } from "./state.ts";

const sessions = numberIndexOf("scur");
const sessionLimit = numberIndexOf("slim");
const sessionRate = numberIndexOf("rate");
const sessionsTotal = counterColumns.findIndex(({ column }) => column === "stot");

export interface SampleOptions {
  /** `haproxy_sessions` of a backend is the sessions that began in the last second, as haproxysessionmon had it. */
  readonly legacyRate: boolean;
}

export function toSamples({ rows, numbers, counts }: Whole, options: SampleOptions): Sample[] {
  const samples: Sample[] = [];
  for (const [index, row] of rows.entries()) {
    const own = numbers.subarray(index * rowStride, (index + 1) * rowStride);
    const ownCounts = counts.subarray(index * counterCount, (index + 1) * counterCount);
    addGauges(samples, row, own, (ownCounts[sessionsTotal] ?? 0) > 0);
    if (options.legacyRate && row.kind === "backend") {
      replaceSessions(samples, row, own[sessionRate] ?? NaN);
    }
    addState(samples, row);
    addCounts(samples, row, ownCounts);
  }
  return samples;
}

interface ReadyGauge {
  readonly metric: string;
  readonly index: number;
  readonly scale: number;
  readonly isLimit: boolean;
  readonly isRecent: boolean;
}

/** By kind of row, so that nothing has to be decided for each. */
const gaugesOf = {
  frontend: toReadyGauges("frontend"),
  backend: toReadyGauges("backend"),
  server: toReadyGauges("server"),
  listener: toReadyGauges("listener"),
};

function toReadyGauges(kind: RowKind): readonly ReadyGauge[] {
  return gaugeColumns.flatMap(({ metric, scale = 1, only, isLimit, isRecent }, index) => {
    const isTaken = only === undefined || only.includes(kind);
    const flags = { isLimit: isLimit === true, isRecent: isRecent === true };
    return isTaken ? [{ metric, index, scale, ...flags }] : [];
  });
}

function addGauges(samples: Sample[], row: Row, numbers: Float64Array, isBusy: boolean): void {
  for (const { metric, index, scale, isLimit, isRecent } of gaugesOf[row.kind]) {
    const value = numbers[index] ?? NaN;
    const isLeftOut = Number.isNaN(value) || (isLimit && value === 0) || (isRecent && !isBusy);
    if (!isLeftOut) {
      samples.push(gauge(metric, value * scale, row.labels));
    }
  }
  const ratio = (numbers[sessions] ?? NaN) / (numbers[sessionLimit] ?? NaN);
  if (Number.isFinite(ratio)) {
    samples.push(gauge("haproxy_session_saturation_ratio", ratio, row.labels));
  }
}

function replaceSessions(samples: Sample[], row: Row, rate: number): void {
  const at = samples.findLastIndex(
    ({ name, labels }) => name === "haproxy_sessions" && labels === row.labels,
  );
  if (at >= 0 && !Number.isNaN(rate)) {
    samples[at] = gauge("haproxy_sessions", rate, row.labels);
  }
}

function addState(samples: Sample[], row: Row): void {
  const state = toStateName(row.status);
  const check = row.checkStatus.replace(/^\* /, "");
  const labels: Labels = check === "" ? { ...row.labels, state } : { ...row.labels, state, check };
  samples.push(gauge("haproxy_state", 1, labels));
  if (row.kind === "server" || row.kind === "backend") {
    const serving = isServing(state);
    if (serving !== undefined) {
      samples.push(gauge("haproxy_serving", serving ? 1 : 0, row.labels));
    }
  }
}

interface ReadyCounter {
  readonly metric: string;
  readonly index: number;
  readonly labels: Labels | undefined;
  readonly isDense: boolean;
}

const proxyCounters = toReadyCounters(true);
const memberCounters = toReadyCounters(false);

function toReadyCounters(isProxy: boolean): readonly ReadyCounter[] {
  return counterColumns.flatMap(({ metric, labels, isDense, isOfProxy }, index) =>
    isOfProxy === true && !isProxy
      ? []
      : [{ metric, index, labels, isDense: isProxy && isDense === true }],
  );
}

/** What did not happen is mostly left out; a rule takes what is absent for 0. */
function addCounts(samples: Sample[], row: Row, counts: Float64Array): void {
  const isProxy = row.kind === "frontend" || row.kind === "backend";
  for (const { metric, index, labels, isDense } of isProxy ? proxyCounters : memberCounters) {
    const value = counts[index] ?? NaN;
    if (value > 0 || (isDense && value === 0)) {
      const all = labels === undefined ? row.labels : { ...row.labels, ...labels };
      samples.push(count(metric, value, all));
    }
  }
}
