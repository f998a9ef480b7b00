// Texts out of a log on a terminal: whoever sends requests chooses what is in them.

/** Control characters, and those that change the direction or hide: nothing that a terminal obeys. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** `\x1b` and `\u{202e}` instead of the characters themselves. */
export function toPrintable(text: string): string {
  return text.replaceAll(unprintable, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
  });
}

/** First and last code points that take two columns: East Asian scripts and pictures. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** How many columns a printable text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    width += widthOfChar(char);
  }
  return width;
}

function widthOfChar(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x300) {
    return 1;
  }
  if (/\p{M}/u.test(char)) {
    return 0;
  }
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** The text, or its beginning with `…`, in at most `width` columns. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) {
    return text;
  }
  let kept = "";
  let used = 1;
  for (const char of text) {
    used += widthOfChar(char);
    if (used > width) {
      break;
    }
    kept += char;
  }
  return width < 1 ? "" : `${kept}…`;
}

export function padTo(text: string, width: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + blanks : blanks + text;
}
