// Charts as inline SVG: no script, colours from the page's style.

import { markup, type Html, noHtml } from "./html.ts";

export interface ChartColumn {
  /** What the browser shows when the pointer rests on it. */
  readonly title: string;
  /** Stacked from below, in the order of the classes; or undefined values of lines. */
  readonly values: readonly (number | undefined)[];
}

export interface Chart {
  readonly columns: readonly ChartColumn[];
  /** Of the style sheet, one for each value of a column. */
  readonly classes: readonly string[];
  /** Of the scale, for a value. */
  readonly toLabel: (value: number) => string;
  /** Below the first and the last column. */
  readonly ends: readonly [string, string];
}

const width = 960;
const height = 200;
const left = 64;
const top = 12;
const bottom = 24;
const plotWidth = width - left - 8;
const plotHeight = height - top - bottom;

/** Columns that stand on each other. */
export function toStackedChart(chart: Chart): Html {
  const totals = chart.columns.map(({ values }) => sumOf(values));
  const max = niceCeiling(Math.max(...totals));
  const step = plotWidth / chart.columns.length;
  const gap = step > 6 ? 1 : 0;
  const paths = chart.classes.map((name, series) => {
    const bars = chart.columns.map(({ values }, at) => {
      const value = values[series] ?? 0;
      const below = sumOf(values.slice(0, series));
      return value === 0 ? "" : toBar(left + at * step, step - gap, [below / max, value / max]);
    });
    return markup`<path class="${name}" d="${bars.join("")}" />`;
  });
  return toFrame(chart, max, paths);
}

/** One line for each class. */
export function toLineChart(chart: Chart): Html {
  const all = chart.columns.flatMap(({ values }) => values.map((value) => value ?? 0));
  const max = niceCeiling(Math.max(...all));
  const step = plotWidth / chart.columns.length;
  const paths = chart.classes.map((name, series) => {
    let isDown = false;
    const points = chart.columns.map(({ values }, at) => {
      const value = values[series];
      const command = isDown ? "L" : "M";
      isDown = value !== undefined;
      return value === undefined
        ? ""
        : `${command}${round(left + (at + 0.5) * step)} ${toY(value / max)}`;
    });
    return markup`<path class="line ${name}" d="${points.join("")}" />`;
  });
  return toFrame(chart, max, paths);
}

function toFrame(chart: Chart, max: number, paths: readonly Html[]): Html {
  const step = plotWidth / chart.columns.length;
  const marks = [0, 0.5, 1].map((share) => {
    const y = toY(share);
    return markup`<path class="rule" d="M${left} ${y}H${width - 8}" /><text x="${left - 8}" y="${round(y + 4)}" text-anchor="end">${chart.toLabel(max * share)}</text>`;
  });
  const hovers = chart.columns.map(({ title }, at) =>
    title === ""
      ? noHtml
      : markup`<rect class="hover" x="${round(left + at * step)}" y="${top}" width="${round(step)}" height="${plotHeight}"><title>${title}</title></rect>`,
  );
  const [first, last] = chart.ends;
  return markup`<svg viewBox="0 0 ${width} ${height}" role="img">${marks}${paths}<text x="${left}" y="${height - 6}">${first}</text><text x="${width - 8}" y="${height - 6}" text-anchor="end">${last}</text>${hovers}</svg>`;
}

function toBar(x: number, barWidth: number, [below, share]: readonly [number, number]): string {
  const [from, to] = [toY(below), toY(below + share)];
  return `M${round(x)} ${from}V${to}h${round(barWidth)}V${from}z`;
}

function toY(share: number): number {
  return round(top + plotHeight * (1 - share));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function sumOf(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** The next round number. */
function niceCeiling(value: number): number {
  if (!(value > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((one) => one * power >= value) ?? 10;
  return factor * power;
}
