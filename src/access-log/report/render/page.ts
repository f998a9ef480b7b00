import { styleText } from "node:util";
import type { Instants } from "./quantities.ts";
import type { Paint, Style } from "./text-table.ts";

/** What the blocks of a report on a terminal are laid out for. */
export interface Page {
  /** Lines are no longer. */
  readonly columns: number;
  readonly paint: Paint;
  readonly instants: Instants;
  /** Rows in each table. */
  readonly topMax: number;
  /** Of the columns of durations, shares from 0 to 1. */
  readonly quantiles: readonly number[];
}

const formats: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  heading: ["bold", "cyan"],
  strong: "bold",
  dim: "gray",
  bad: "red",
  warn: "yellow",
  good: "green",
  bar: "blue",
};

export function createPaint(hasColors: boolean): Paint {
  return (style, text) =>
    hasColors && text !== "" ? styleText(formats[style], text, { validateStream: false }) : text;
}

/** Below a heading. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** A sentence in indented lines. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return indent([...lines, line]);
}
