// From the directives of a mini-language to a positional format: merges what belongs together,
// binds each field once, puts the pieces of a time together and refuses what cannot be told apart.

import type { FieldName } from "./fields.ts";
import type { FormatOptions, FormatResult } from "./format-result.ts";
import type { Part, PositionalFormat, Value } from "./line-format.ts";
import { boundFields } from "./line-format.ts";
import { bindFields } from "./_bind-fields.ts";
import { mergeNeighbours } from "./_merge-neighbours.ts";
import type { Token } from "./_tokens.ts";
import { chooseTimes } from "./_choose-times.ts";

/** How a server writes, beyond its directives. */
export interface Traits {
  /** It writes `-` for an empty query right behind the path. */
  readonly writesDashForNoQuery?: boolean;
  readonly mayBeCut?: boolean;
  readonly mayHaveSyslogHeader?: boolean;
  readonly options?: FormatOptions;
}

/** Called by every parser of a positional mini-language with what it has cut its text into. */
export function assembleLayout(given: readonly Token[], traits: Traits = {}): FormatResult {
  const restAt = given.findIndex(({ kind }) => kind === "rest");
  const cut = restAt < 0 ? given : trimEnd(given.slice(0, restAt));
  const merged = mergeNeighbours(cut, traits.writesDashForNoQuery ?? false);
  const bound = bindFields(merged);
  const { tokens, timeIs } = chooseTimes(bound);
  const problem = findNeighbours(tokens);
  if (problem !== undefined) {
    return { problem };
  }
  const options = traits.options ?? {};
  const format: PositionalFormat = {
    layout: "positional",
    parts: toParts(tokens),
    timeIs: timeIs === "accept" && !hasDuration(merged) ? "start" : timeIs,
    rest: restAt >= 0 || options.ignoreRest === true ? "ignored" : "none",
    mayBeCut: traits.mayBeCut ?? false,
    mayHaveSyslogHeader: traits.mayHaveSyslogHeader ?? options.syslog ?? false,
  };
  const fields = boundFields(format);
  return fields.size === 0
    ? { problem: "no directive in it says anything about a request" }
    : { format, remarks: remarksOn(fields) };
}

/** What is missing for the usual figures. */
export function remarksOn(fields: ReadonlySet<FieldName>): readonly string[] {
  const remarks: readonly (readonly [FieldName, string])[] = [
    ["time", "It has no time (date and clock): lines count for the moment they are read."],
    ["status", "It has no status: requests are counted without one."],
    ["target", "It has no request target: requests cannot be grouped by path."],
    ["client", "It has no client: clients cannot be counted."],
  ];
  return remarks.filter(([name]) => !fields.has(name)).map(([, sentence]) => sentence);
}

/** Without one, HAProxy's `Tt` becomes the duration: from the accept on. */
function hasDuration(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token) =>
      token.kind === "value" && token.value.type === "number" && token.value.field === "duration",
  );
}

/** Without the spaces in front of what was cut off. */
function trimEnd(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.at(-1);
  return last?.kind === "literal" && last.text.trim() === "" ? tokens.slice(0, -1) : tokens;
}

/** Two values side by side: nobody can tell where the first ends. */
function findNeighbours(tokens: readonly Token[]): string | undefined {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.kind === "value" && (next?.kind === "value" || next?.kind === "time")) {
      return (
        `nothing stands between ${token.source.text} in column ${token.source.column} and ` +
        `${next.source.text} in column ${next.source.column}: ` +
        "where the first ends cannot be told; put a space or another character between them"
      );
    }
  }
  return undefined;
}

function toParts(tokens: readonly Token[]): readonly Part[] {
  return tokens.flatMap((token, index) => {
    const part = toPart(token, tokens[index + 1]);
    return part === undefined ? [] : [part];
  });
}

function toPart(token: Token, next: Token | undefined): Part | undefined {
  switch (token.kind) {
    case "literal":
      return { kind: "literal", text: token.text };
    case "time":
      return { kind: "time", layout: token.layout, isUsed: token.isUsed ?? false };
    case "optional": {
      const { open, close, value, escape } = token;
      return { kind: "optional", open, close, value, escape };
    }
    case "value": {
      const { value, escape, begins } = token;
      const isEndedByComma = next?.kind === "literal" && next.text.startsWith(",");
      const isList = (token.isList ?? isListValue(value)) && !isEndedByComma;
      return { kind: "value", value, escape, begins, isList, quotes: "none" };
    }
    case "rest":
      return undefined;
  }
}

function isListValue(value: Value): boolean {
  return (
    (value.type === "number" && value.list !== undefined) ||
    (value.type === "text" && (value.list !== undefined || value.field === "forwarded_for"))
  );
}
