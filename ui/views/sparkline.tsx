import type { JSX } from "preact";

const width = 60;
const height = 14;

/** The course of a number, without axes: its shape beside the figure that says how much. */
export function Sparkline({
  values,
}: {
  readonly values: readonly (number | null)[];
}): JSX.Element | null {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) {
    return null;
  }
  const top = Math.max(1, ...known);
  const step = width / Math.max(1, values.length - 1);
  const points = values
    .map((value, index) => (value === null ? "" : toPoint(index * step, value / top)))
    .join(" ");
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline points={points} />
    </svg>
  );
}

function toPoint(x: number, share: number): string {
  return `${x.toFixed(1)},${(height - 1 - share * (height - 2)).toFixed(1)}`;
}
