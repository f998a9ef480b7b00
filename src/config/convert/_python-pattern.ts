import type { OldPattern } from "./_python-settings.ts";

export type Translated =
  | { readonly pattern: string; readonly problem?: never }
  | { readonly pattern?: never; readonly problem: string };

const escapes: Readonly<Record<string, string>> = { A: "^", Z: "$" };

/**
 * A regular expression of Python's as one of ours: names of groups, `\A`, `\Z` and comments are rewritten, and without
 * regard to case (`re.I`, `(?i)`) every letter becomes both. What our engine does not take is left to the check of
 * the configuration.
 */
export function translatePattern({ text, flags }: OldPattern): Translated {
  const [, inline = "", rest = text] = /^\(\?([aiLmsux]+)\)(.*)$/s.exec(text) ?? [];
  const all = flags + inline.toUpperCase();
  const foreign = all.replaceAll(/[IUAL]/g, "");
  if (foreign !== "") {
    const problem = `has the flag ${foreign}, which is not known here; write the pattern without it`;
    return { problem };
  }
  const isCaseless = all.includes("I");
  let pattern = "";
  let inClass = false;
  for (let at = 0; at < rest.length;) {
    const piece = readPiece(rest, at, inClass);
    at += piece.length;
    inClass = piece === "[" || (inClass && piece !== "]");
    pattern += translatePiece(piece, inClass, isCaseless);
  }
  return { pattern };
}

/** An escape, the beginning of a group with its name, a comment, a range, a class's beginning, or one character. */
function readPiece(text: string, at: number, inClass: boolean): string {
  const pattern = inClass
    ? /\\.|[A-Za-z]-[A-Za-z]|[^\\]/sy
    : /\\.|\(\?#[^)]*\)|\(\?P<\w+>|\(\?P=\w+\)|\(\?<\w+>|\(\?.|[^\\]/sy;
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? text.slice(at);
}

function translatePiece(piece: string, inClass: boolean, isCaseless: boolean): string {
  if (piece.startsWith("\\")) {
    return inClass ? piece : (escapes[piece.slice(1)] ?? piece);
  }
  if (piece.startsWith("(?#")) {
    return "";
  }
  if (piece.startsWith("(?P<")) {
    return `(?<${piece.slice(4)}`;
  }
  if (piece.startsWith("(?P=")) {
    return `\\k<${piece.slice(4, -1)}>`;
  }
  if (!isCaseless || !/^[A-Za-z]/.test(piece)) {
    return piece;
  }
  const both = `${piece.toLowerCase()}${piece.toUpperCase()}`;
  return inClass ? both : `[${both}]`;
}
