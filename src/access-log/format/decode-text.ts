import type { Escape } from "./line-format.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as text: UTF-8, with U+FFFD for what is none. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * A value as the client sent it. `raw` are its bytes in the line as latin1 (one character a byte);
 * the escapes are undone first and what comes out is decoded as UTF-8. An escape that is none stays
 * as it is.
 */
export function decodeText(raw: string, escape: Escape): string {
  const bytes = unescape(raw, escape);
  return isAscii(bytes) ? bytes : decodeUtf8(Buffer.from(bytes, "latin1"));
}

/** Latin1 in, latin1 out. */
function unescape(raw: string, escape: Escape): string {
  switch (escape) {
    case "none":
      return raw;
    case "plus":
      return raw.replaceAll("+", " ");
    case "hash":
      return raw.replaceAll(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => fromHex(hex));
    case "backslash":
      return raw.includes("\\") ? raw.replaceAll(backslashEscape, undoBackslash) : raw;
  }
}

/** Neighbouring `\uHHHH` belong together: they may be the halves of one character. */
const backslashEscape = /(?:\\u[0-9A-Fa-f]{4})+|\\x[0-9A-Fa-f]{2}|\\[^ux]/gs;

const controls: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function undoBackslash(escaped: string): string {
  const kind = escaped.charAt(1);
  if (kind === "x") {
    return fromHex(escaped.slice(2));
  }
  if (kind === "u") {
    const units = escaped.split("\\u").slice(1);
    const text = String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
    return Buffer.from(text, "utf8").toString("latin1");
  }
  return controls[kind] ?? kind;
}

function fromHex(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII is meant
  return /^[\0-\x7f]*$/.test(text);
}

/** What is between the quotes of a value of logfmt, as text. */
export function decodeLogfmt(quoted: string): string {
  return quoted.replaceAll(/\\(.)/gs, (_, letter: string) =>
    letter === "n" ? "\n" : letter === "t" ? "\t" : letter,
  );
}
