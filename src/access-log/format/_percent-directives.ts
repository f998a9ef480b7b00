// The grammar that Apache, Tomcat and varnishncsa share: `%a`, `%{argument}a`, everything else literal.

import { suggest } from "./suggest.ts";
import {
  type Meaning,
  type Source,
  type TimeMeaning,
  type Token,
  type Tokens,
  toToken,
} from "./_tokens.ts";

export type Directive = Meaning | TimeMeaning;

export interface PercentLanguage {
  /** Directives without an argument, by letter. */
  readonly plain: Readonly<Record<string, Directive>>;
  /** Directives with one, by letter: what they mean, or a sentence on what is wrong with it. */
  readonly withArgument: Readonly<Record<string, (argument: string) => Directive | string>>;
  /** Apache's `<`, `>` and lists of statuses between `%` and the letter. */
  readonly hasModifiers: boolean;
}

const pattern =
  /%(?<modifiers>(?:[<>]|!?\d{3}(?:,\d{3})*)*)(?:\{(?<argument>[^}]*)\})?(?<name>\^(?:FB|FU|ti|to)|[A-Za-z%])/y;

/** `from` is how many characters of the user's text stand in front of `format`. */
export function tokenizePercent(format: string, language: PercentLanguage, from = 0): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < format.length) {
    const next = format[at];
    if (next === "\\" && at + 1 < format.length) {
      tokens.push({ kind: "literal", text: unescapeLiteral(format[at + 1] ?? "") });
      at += 2;
    } else if (next === "%") {
      pattern.lastIndex = at;
      const found = pattern.exec(format);
      const source = { text: found?.[0] ?? format.slice(at, at + 2), column: from + at + 1 };
      const result = toTokens(found, source, language);
      if (typeof result === "string") {
        return { problem: result };
      }
      tokens.push(...result);
      at += source.text.length;
    } else {
      tokens.push({ kind: "literal", text: next ?? "" });
      at++;
    }
  }
  return { tokens };
}

const controls: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescapeLiteral(letter: string): string {
  return controls[letter] ?? letter;
}

function toTokens(
  found: RegExpExecArray | null,
  source: Source,
  { plain, withArgument, hasModifiers }: PercentLanguage,
): readonly Token[] | string {
  const { argument, name, modifiers = "" } = found?.groups ?? {};
  if (name === undefined || (modifiers !== "" && !hasModifiers)) {
    return `the directive ${source.text} in column ${source.column} is not understood`;
  }
  if (name === "%") {
    return [{ kind: "literal", text: "%" }];
  }
  const meaning = argument === undefined ? plain[name] : withArgument[name]?.(argument);
  if (meaning === undefined) {
    return unknown(source, { name, argument }, { plain, withArgument, hasModifiers });
  }
  if (typeof meaning === "string") {
    return `${source.text} in column ${source.column}: ${meaning}`;
  }
  return place(prefer(meaning, modifiers), source, name === "t" && argument === undefined);
}

/** `%>s` tells more than `%s`: it is what the client got. */
function prefer(meaning: Directive, modifiers: string): Directive {
  return "value" in meaning && modifiers === ">"
    ? { ...meaning, rank: (meaning.rank ?? 0) + 1 }
    : meaning;
}

function place(meaning: Directive, source: Source, isBracketed: boolean): readonly Token[] {
  if ("value" in meaning) {
    return [toToken(meaning, source, "backslash")];
  }
  const time: Token = { kind: "time", ...meaning, source };
  return isBracketed
    ? [{ kind: "literal", text: "[" }, time, { kind: "literal", text: "]" }]
    : [time];
}

function unknown(
  { text: written, column }: Source,
  { name, argument }: { readonly name: string; readonly argument: string | undefined },
  { plain, withArgument }: PercentLanguage,
): string {
  const hasOther = argument === undefined ? withArgument[name] : plain[name];
  if (hasOther !== undefined) {
    const right = argument === undefined ? `%{…}${name}` : `%${name}`;
    return `${written} in column ${column} is written ${right}`;
  }
  const known = [...Object.keys(plain), ...Object.keys(withArgument)].map((letter) => `%${letter}`);
  return `unknown directive ${written} in column ${column}${suggest(`%${name}`, new Set(known))}`;
}

/** For messages on arguments. */
export function isNoneOf(wrong: string, known: readonly string[]): string {
  return `"${wrong}" is none of ${known.join(", ")}`;
}
