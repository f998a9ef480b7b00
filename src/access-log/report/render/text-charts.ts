// Charts out of block characters.

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];
const heights = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** A bar as long as the share of `width` says; something is never nothing. */
export function toBar(share: number, width: number): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const shown = share > 0 ? Math.max(1, units) : 0;
  return "█".repeat(Math.floor(shown / 8)) + (eighths[shown % 8] ?? "");
}

/** One character a value; undefined leaves a gap. */
export function toSparkline(values: readonly (number | undefined)[]): string {
  const max = Math.max(...values.map((value) => value ?? 0));
  return values
    .map((value) =>
      value === undefined || max === 0 ? " " : heights[Math.max(1, Math.ceil((value / max) * 8))],
    )
    .join("");
}

/** Columns of `rows` characters, the top row first. */
export function toColumns(values: readonly number[], rows: number): string[] {
  const max = Math.max(...values);
  return Array.from({ length: rows }, (_, at) => {
    const below = (rows - 1 - at) * 8;
    return values
      .map((value) => {
        const units = max === 0 ? 0 : Math.ceil((value / max) * rows * 8);
        return heights[Math.min(8, Math.max(0, units - below))];
      })
      .join("");
  });
}
