// Windows over time, and what a chart needs of them. A window that was not seen is a gap, never a
// zero.

/** What one source saw in [from, to), milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Values for a chart: `y[series][row]` at the instant `x[row]`. Null is a gap. */
export interface Columns {
  readonly x: readonly number[];
  readonly y: readonly (readonly (number | null)[])[];
}

/** How far back the page looks while it is live. */
export const rangeMs = 15 * 60_000;

/** The narrowest time axis: less would make a minute of data look like a trend. */
export const rangeMinMs = 2 * 60_000;

/**
 * The time axis at `now`: it grows from the first data, which is at `firstAt`, until it is full.
 */
export function toLiveRange(firstAt: number, now: number): Window {
  const from = Math.max(now - rangeMs, Math.min(firstAt, now - rangeMinMs));
  return { from, to: now };
}

/** Per source. 15 minutes of windows of one second are 900. */
export const windowsMax = 2_000;

/**
 * The window of `windows` (ordered by `to`) with these bounds, made and put in its place when there
 * is none. A batch that was split yields the same window several times. Undefined when it is older
 * than all of a full list.
 */
export function takeWindow<W extends Window>(
  windows: W[],
  bounds: Window,
  make: (bounds: Window) => W,
): W | undefined {
  let index = windows.length;
  for (; index > 0; index--) {
    const before = windows[index - 1];
    if (before === undefined || before.to < bounds.to) {
      break;
    }
    if (before.to === bounds.to && before.from === bounds.from) {
      return before;
    }
  }
  if (windows.length >= windowsMax && index === 0) {
    return undefined;
  }
  const window = make(bounds);
  windows.splice(index, 0, window);
  if (windows.length > windowsMax) {
    windows.shift();
  }
  return window;
}

/** Removes the windows that ended at or before `until`. */
export function dropWindows(windows: Window[], until: number): void {
  const kept = windows.findIndex(({ to }) => to > until);
  windows.splice(0, kept === -1 ? windows.length : kept);
}

/** `amount` per second over the window; null for a window without length. */
export function toRate(amount: number, { from, to }: Window): number | null {
  return to > from ? (amount * 1000) / (to - from) : null;
}

/**
 * The time from one window's end to the next beyond which something is missing in between. Checks
 * do not look exactly on time, so a little more than one interval is none.
 */
function gapMs(everyMs: number, { from, to }: Window): number {
  return 1.75 * Math.max(everyMs, to - from);
}

/** Whether `next` follows `previous` with nothing missing in between. */
export function isContiguous(previous: Window, next: Window, everyMs: number): boolean {
  return next.to - previous.to <= gapMs(everyMs, next);
}

/**
 * Whether the source owes a window at `now`. Windows close a little late, so one that is only just
 * due is not missed.
 */
export function isOverdue(last: Window, now: number, everyMs: number): boolean {
  return now - last.to > 2 * gapMs(everyMs, last) + 2_000;
}

export interface ColumnsOptions<W extends Window> {
  readonly everyMs: number;
  /** The end of the time axis. */
  readonly now: number;
  /** One per series. */
  readonly read: readonly ((window: W) => number | null)[];
}

/** One row per window at its end, and a row of nulls wherever windows are missing. */
export function toColumns<W extends Window>(
  windows: readonly W[],
  { everyMs, now, read }: ColumnsOptions<W>,
): Columns {
  const x: number[] = [];
  const y: (number | null)[][] = read.map(() => []);
  let previous: W | undefined;
  for (const window of windows) {
    if (previous !== undefined && !isContiguous(previous, window, everyMs)) {
      x.push((previous.to + window.to) / 2);
      y.forEach((values) => values.push(null));
    }
    x.push(window.to);
    read.forEach((readOne, index) => y[index]?.push(readOne(window)));
    previous = window;
  }
  if (previous !== undefined && isOverdue(previous, now, everyMs)) {
    x.push(now);
    y.forEach((values) => values.push(null));
  }
  return { x, y };
}

export interface RateColumnsOptions<W extends Window> extends Omit<ColumnsOptions<W>, "read"> {
  /** One per series: how much in this window. */
  readonly read: readonly ((window: W) => number)[];
}

/** What a chart can show of a rate: shorter windows are drawn together. */
const rateStepMs = 5_000;

/**
 * As toColumns, of amounts per second. Windows shorter than `rateStepMs` that follow each other are
 * added up first, which is exact for amounts; the steps stand still while time goes on.
 */
export function toRateColumns<W extends Window>(
  windows: readonly W[],
  { everyMs, now, read }: RateColumnsOptions<W>,
): Columns {
  const steps: Step[] = [];
  let previous: W | undefined;
  for (const window of windows) {
    const amounts = read.map((readOne) => readOne(window));
    const last = steps.at(-1);
    const joins = previous !== undefined && isContiguous(previous, window, everyMs);
    if (last && joins && stepOf(last.to) === stepOf(window.to)) {
      const sums = last.amounts.map((sum, index) => sum + (amounts[index] ?? 0));
      steps[steps.length - 1] = { from: last.from, to: window.to, amounts: sums };
    } else {
      steps.push({ from: window.from, to: window.to, amounts });
    }
    previous = window;
  }
  const rates = read.map((_, index) => (step: Step) => toRate(step.amounts[index] ?? 0, step));
  return toColumns(steps, { everyMs, now, read: rates });
}

interface Step extends Window {
  readonly amounts: readonly number[];
}

/** The number of the step in which an instant lies; the end of a window belongs to the window. */
function stepOf(instant: number): number {
  return Math.ceil(instant / rateStepMs);
}

/**
 * Each of the first `count` series on top of those before it. A gap in one does not lift or sink
 * the others.
 */
export function stack(columns: Columns, count: number = columns.y.length): Columns {
  const base = columns.x.map(() => 0);
  const y = columns.y.map((values, series) =>
    series >= count
      ? values
      : values.map((value, row) => {
          if (value === null) {
            return null;
          }
          base[row] = (base[row] ?? 0) + value;
          return base[row];
        }),
  );
  return { x: columns.x, y };
}

/** The row whose instant is nearest to `at`; undefined without rows. */
export function nearestRow(x: readonly number[], at: number): number | undefined {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const before = x[low - 1];
  const nearer = before !== undefined && at - before < (x[low] ?? 0) - at;
  return x.length === 0 ? undefined : nearer ? low - 1 : low;
}

/** In order, those that overlap or are no further than `closeMs` apart as one. */
export function mergeSpans(spans: readonly Window[], closeMs: number): Window[] {
  const merged: Window[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from - last.to <= closeMs) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    } else {
      merged.push({ from, to });
    }
  }
  return merged;
}

/** Values with a gap on both sides. A line cannot show them, so they are drawn as points. */
export function isolatedRows(values: ArrayLike<number | null | undefined>): number[] {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const alone = (values[row - 1] ?? null) === null && (values[row + 1] ?? null) === null;
    if (alone && (values[row] ?? null) !== null) {
      rows.push(row);
    }
  }
  return rows;
}
