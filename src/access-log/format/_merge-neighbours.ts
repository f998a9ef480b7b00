// Directives that only make sense together.

import type { LiteralToken, Role, Token, ValueToken } from "./_tokens.ts";

/**
 * Neighbouring literals become one. `address:port` becomes an endpoint, path and query side by side
 * one target, `scheme://host` and a target behind it an absolute target, and skipped values side by
 * side one skipped value. HAProxy's optional groups take the space that goes with them.
 */
export function mergeNeighbours(
  given: readonly Token[],
  writesDashForNoQuery: boolean,
): readonly Token[] {
  let tokens = mergeLiterals(given);
  tokens = mergeSequence(tokens, ["address", ":", "port"], toEndpoint);
  const toTarget = (first: ValueToken, all: readonly Token[]): Token => ({
    ...first,
    value: {
      type: "target",
      hasAppendedQuery: writesDashForNoQuery && all.some((token) => roleOf(token) === "query"),
    },
    role: "target",
  });
  tokens = mergeSequence(tokens, ["target", "query_mark", "query"], toTarget);
  tokens = mergeSequence(tokens, ["target", "query"], toTarget);
  tokens = mergeSequence(tokens, ["scheme", "://", "host", "target"], toAbsolute);
  tokens = mergeSkipped(tokens);
  return mergeLiterals(spaceOptionals(tokens));
}

/** `http://host/path` is one target, read by its last piece. */
function toAbsolute(first: ValueToken, all: readonly Token[]): Token {
  const last = all.at(-1);
  return last?.kind === "value" ? { ...last, source: first.source } : first;
}

function mergeLiterals(tokens: readonly Token[]): readonly Token[] {
  const merged: Token[] = [];
  for (const token of tokens) {
    const last = merged.at(-1);
    if (token.kind === "literal" && last?.kind === "literal") {
      merged[merged.length - 1] = { kind: "literal", text: last.text + token.text };
    } else if (token.kind !== "literal" || token.text !== "") {
      merged.push(token);
    }
  }
  return merged;
}

function mergeSkipped(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter((token, index) => {
    const before = tokens[index - 1];
    return !(isSkipped(token) && before !== undefined && isSkipped(before));
  });
}

function isSkipped(token: Token): boolean {
  return token.kind === "value" && token.value.type === "skipped";
}

type Step = Role | ":" | "://";

/** Replaces every run of tokens with these roles and literals by one token. */
function mergeSequence(
  tokens: readonly Token[],
  steps: readonly Step[],
  toMerged: (first: ValueToken, all: readonly Token[]) => Token,
): readonly Token[] {
  const merged: Token[] = [];
  for (let index = 0; index < tokens.length; index++) {
    const run = tokens.slice(index, index + steps.length);
    const first = run[0];
    const fits = run.length === steps.length && steps.every((step, at) => matches(run[at], step));
    if (fits && first?.kind === "value") {
      merged.push(toMerged(first, run));
      index += steps.length - 1;
    } else if (tokens[index] !== undefined) {
      merged.push(...tokens.slice(index, index + 1));
    }
  }
  return merged;
}

function matches(token: Token | undefined, step: Step): boolean {
  return token?.kind === "literal"
    ? token.text === step
    : roleOf(token) === step || (step === "address" && roleOf(token) === "host");
}

function roleOf(token: Token | undefined): Role | undefined {
  return token?.kind === "value" ? token.role : undefined;
}

function toEndpoint(first: ValueToken, all: readonly Token[]): Token {
  const last = all.at(-1);
  const portValue = last?.kind === "value" ? last.value : undefined;
  return {
    ...first,
    value: {
      type: "endpoint",
      host: first.value.type === "text" ? first.value.field : undefined,
      port: portValue?.type === "number" ? portValue.field : undefined,
    },
  };
}

/**
 * HAProxy leaves a space out where nothing was between two: the space behind an optional group is
 * part of it; at the end of a line, the one in front.
 */
function spaceOptionals(tokens: readonly Token[]): readonly Token[] {
  const spaced = [...tokens];
  for (const [index, token] of tokens.entries()) {
    const next = spaced[index + 1];
    const before = spaced[index - 1];
    if (token.kind === "optional" && next?.kind === "literal" && next.text.startsWith(" ")) {
      spaced[index] = { ...token, close: `${token.close} ` };
      spaced[index + 1] = { kind: "literal", text: next.text.slice(1) };
    } else if (token.kind === "optional" && next === undefined && isSpaced(before)) {
      spaced[index] = { ...token, open: ` ${token.open}` };
      spaced[index - 1] = { kind: "literal", text: before.text.slice(0, -1) };
    }
  }
  return spaced;
}

function isSpaced(token: Token | undefined): token is LiteralToken {
  return token?.kind === "literal" && token.text.endsWith(" ");
}
