// Where text becomes what a terminal obeys: the only place that writes escape sequences into a line. No text of a log
// can hold one, because every span goes through toPrintable here.
import { toPrintable, widthOf } from "../../access-log/report/render/printable.ts";
import { type Line, type Span, type Tone, cutLine } from "./line.ts";

export interface Look {
  readonly hasColors: boolean;
  /** Nothing but ASCII is written: the terminal, or its locale, knows no more. */
  readonly isAscii: boolean;
}

/** SGR parameters (ECMA-48, 8.3.117): the sixteen colours that a user's theme chooses. */
const colored: Readonly<Record<Tone, string>> = {
  heading: "1;36",
  strong: "1",
  dim: "90",
  good: "32",
  warn: "33",
  bad: "31",
  bar: "34",
};
const plain: Readonly<Record<Tone, string>> = {
  heading: "1",
  strong: "1",
  dim: "",
  good: "",
  warn: "",
  bad: "1",
  bar: "",
};

export interface EncodedLine {
  /** Ends in plain style. */
  readonly text: string;
  /** In columns. */
  readonly width: number;
}

/** A line of at most `columns` columns as text for a terminal. */
export function encodeLine(line: Line, columns: number, look: Look): EncodedLine {
  let text = "";
  let width = 0;
  for (const one of cutLine(line, columns)) {
    const shown = toShown(one.text, look);
    const sgr = toSgr(one, look);
    text += sgr === "" ? shown : `\u001b[${sgr}m${shown}\u001b[0m`;
    width += widthOf(shown);
    // Terminals disagree about the width of some characters; what follows them is put into its column.
    text += isSure(shown) ? "" : `\u001b[${width + 1}G`;
  }
  return { text, width };
}

/** The same without any style, for a file or a pipe. */
export function toPlainText(line: Line, look: Pick<Look, "isAscii">): string {
  return line
    .map(({ text }) => toShown(text, look))
    .join("")
    .trimEnd();
}

function toSgr({ tone, isReversed }: Span, { hasColors }: Look): string {
  const own = tone === undefined ? "" : (hasColors ? colored : plain)[tone];
  return [own, isReversed === true ? "7" : ""].filter((part) => part !== "").join(";");
}

function toShown(text: string, { isAscii }: Pick<Look, "isAscii">): string {
  const printable = toPrintable(text);
  return isAscii ? toAscii(printable) : printable;
}

/** Latin letters and our own block and box characters are of one column everywhere. */
function isSure(text: string): boolean {
  return /^[\u0020-\u02ff\u2010-\u2027\u2500-\u25ff]*$/.test(text);
}

const asciiOf: Readonly<Record<string, string>> = {
  ..."…~–-—-·.µu─-│|▲!▼v▶>●*↑^↓v"
    .match(/../gsu)
    ?.reduce<Record<string, string>>((map, [from = "", to = ""]) => ({ ...map, [from]: to }), {}),
  // The eighths of bars and the heights of columns.
  ..."█#▉#▊=▋=▌=▍-▎-▏-▇%▆*▅+▄=▃-▂:▁."
    .match(/../gsu)
    ?.reduce<Record<string, string>>((map, [from = "", to = ""]) => ({ ...map, [from]: to }), {}),
};

/** As wide as it was. */
function toAscii(text: string): string {
  return text.replaceAll(/[^ -~]/gu, (char) => asciiOf[char] ?? "?".repeat(widthOf(char)));
}
