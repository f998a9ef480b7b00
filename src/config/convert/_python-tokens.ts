// Python's tokens, as far as literals need them: https://docs.python.org/3/reference/lexical_analysis.html, with the
// `ur""`, `0777` and `10L` of Python 2.

interface Placed {
  /** As written; of texts and numbers the beginning. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** It begins its line, without a blank before it. */
  readonly isFirst: boolean;
}

export type Token =
  | (Placed & { readonly kind: "name" | "mark" | "end" })
  | (Placed & { readonly kind: "text"; readonly value: string })
  | (Placed & { readonly kind: "number"; readonly value: number });

export interface PythonTokens {
  readonly tokens: readonly Token[];
  readonly problem: { readonly line: number; readonly message: string } | undefined;
}

const blank = /[ \t\f]+|\\\r?\n|#[^\r\n]*/y;
const lineEnd = /\r\n|\n|\r|;/y;
const name = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const number =
  /0[xX][\da-fA-F_]+[lL]?|0[oO]?[0-7_]+[lL]?(?![\d.])|0[bB][01_]+[lL]?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[lLjJ]?/y;
const textStart = /(?<prefix>[rRbBuUfF]{0,2})(?<quote>"""|'''|"|')/y;
const mark = /\*\*|\/\/|[+\-*/%|&]=|==|!=|<=|>=|->|[()[\]{}.,:=+\-*/%|&^~<>@!]/y;

/** Never throws; what comes after a problem is left out. */
export function tokenizePython(text: string): PythonTokens {
  const tokens: Token[] = [];
  let [at, line, depth] = [0, 1, 0];
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const sticky = pattern;
    sticky.lastIndex = at;
    return sticky.exec(text);
  };
  while (at < text.length) {
    const from = at;
    const isFirst = from === 0 || /[\r\n]/.test(text[from - 1] ?? "");
    const placed = { line, isFirst };
    let found: RegExpExecArray | null;
    if ((found = take(blank)) !== null) {
      at += found[0].length;
    } else if ((found = take(lineEnd)) !== null) {
      at += found[0].length;
      if (depth === 0) {
        tokens.push({ kind: "end", text: "", ...placed });
      }
    } else if ((found = take(textStart)) !== null) {
      const read = readText(text, found);
      if (read === undefined) {
        return { tokens, problem: { line, message: "begins a text that does not end" } };
      }
      at = read.end;
      tokens.push({ kind: "text", text: found[0], value: read.value, ...placed });
    } else if ((found = take(name)) !== null) {
      at += found[0].length;
      tokens.push({ kind: "name", text: found[0], ...placed });
    } else if ((found = take(number)) !== null) {
      at += found[0].length;
      tokens.push({ kind: "number", text: found[0], value: toNumber(found[0]), ...placed });
    } else if ((found = take(mark)) !== null) {
      at += found[0].length;
      depth += /^[([{]$/.test(found[0]) ? 1 : /^[)\]}]$/.test(found[0]) ? -1 : 0;
      tokens.push({ kind: "mark", text: found[0], ...placed });
    } else {
      const message = `has a character that Python does not know: ${JSON.stringify(text[at])}`;
      return { tokens, problem: { line, message } };
    }
    line += text.slice(from, at).split("\n").length - 1;
  }
  const problem = depth > 0 ? { line, message: "ends within brackets" } : undefined;
  return { tokens, problem };
}

function toNumber(written: string): number {
  const digits = written.replaceAll("_", "").replace(/[lLjJ]$/, "");
  const isOldOctal = /^0[0-7]+$/.test(digits);
  return Number(isOldOctal ? `0o${digits}` : digits);
}

function readText(
  text: string,
  start: RegExpExecArray,
): { readonly value: string; readonly end: number } | undefined {
  const { prefix = "", quote = '"' } = start.groups ?? {};
  const isRaw = /r/i.test(prefix);
  let at = start.index + start[0].length;
  let value = "";
  while (at < text.length && !text.startsWith(quote, at)) {
    const char = text[at] ?? "";
    if (char === "\n" && quote.length === 1) {
      return undefined;
    }
    if (char !== "\\") {
      value += char;
      at++;
    } else if (isRaw) {
      value += text.slice(at, at + 2);
      at += 2;
    } else {
      const escape = readEscape(text, at);
      value += escape.value;
      at = escape.end;
    }
  }
  return at < text.length ? { value, end: at + quote.length } : undefined;
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const numeric = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3}))/y;

/** An escape that Python does not know stays as it is written. */
function readEscape(text: string, at: number): { readonly value: string; readonly end: number } {
  const known = escapes[text[at + 1] ?? ""];
  if (known !== undefined) {
    return { value: known, end: at + 2 };
  }
  numeric.lastIndex = at;
  const found = numeric.exec(text);
  if (found === null) {
    return { value: text.slice(at, at + 2), end: at + 2 };
  }
  const [all, byte, short, long, octal] = found;
  const code = octal === undefined ? parseInt(byte ?? short ?? long ?? "", 16) : parseInt(octal, 8);
  return { value: String.fromCodePoint(Math.min(code, 0x10_ffff)), end: at + all.length };
}
