// A line on the screen, before it becomes bytes: what is said, and how.
import { fit, padTo, toPrintable, widthOf } from "../../access-log/report/render/printable.ts";

export type Tone = "heading" | "strong" | "dim" | "good" | "warn" | "bad" | "bar";

export interface Span {
  /** May hold whatever a log line does: it is made harmless where it is measured and where it is written. */
  readonly text: string;
  readonly tone?: Tone | undefined;
  /** Light on dark becomes dark on light. */
  readonly isReversed?: boolean;
}

export type Line = readonly Span[];

export const noSpans: Line = [];

export function span(text: string, tone?: Tone): Span {
  return tone === undefined ? { text } : { text, tone };
}

/** In columns. */
export function widthOfLine(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(toPrintable(text)), 0);
}

/** Exactly `width` columns wide, cut or filled up. */
export function fitSpan({ text, ...style }: Span, width: number, align?: "left" | "right"): Span {
  return { ...style, text: padTo(fit(toPrintable(text), width), width, align) };
}

/** The beginning of a line, at most `width` columns wide. */
export function cutLine(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const one of line) {
    const text = toPrintable(one.text);
    const own = widthOf(text);
    kept.push(own <= left ? { ...one, text } : { ...one, text: fit(text, left) });
    left -= own;
    if (left <= 0) {
      break;
    }
  }
  return kept;
}

/** Exactly `width` columns wide. */
export function fitLine(line: Line, width: number): Line {
  const kept = cutLine(line, width);
  return [...kept, { text: " ".repeat(Math.max(0, width - widthOfLine(kept))) }];
}

/** One at the left end, cut where it has to be, and one at the right. */
export function spread(left: Line, right: Line, width: number): Line {
  return [...fitLine(left, Math.max(0, width - widthOfLine(right))), ...right];
}

export function reverseLine(line: Line): Line {
  return [{ text: line.map(({ text }) => text).join(""), isReversed: true }];
}

/** Two blocks side by side; the left one becomes `width` columns wide. */
export function beside(left: readonly Line[], right: readonly Line[], width: number): Line[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, at) => [
    ...fitLine(left[at] ?? noSpans, width),
    ...(right[at] ?? noSpans),
  ]);
}
