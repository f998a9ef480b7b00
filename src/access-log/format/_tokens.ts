// What the mini-languages for positional formats are cut into, before assemble-layout.ts makes
// parts of them.

import type { NumberName, TextName } from "./fields.ts";
import type { Escape, NumberValue, TimeIs, Value } from "./line-format.ts";
import type { TimeLayout } from "./time-layout.ts";

export type Token = LiteralToken | ValueToken | TimeToken | OptionalToken | RestToken;

export interface LiteralToken {
  readonly kind: "literal";
  readonly text: string;
}

/** Where a token stood: for messages. */
export interface Source {
  /** The directive as it was written. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

export interface ValueToken {
  readonly kind: "value";
  readonly value: Value;
  readonly source: Source;
  readonly escape: Escape;
  readonly begins: "number" | "any";
  /** Of two tokens for one field the higher wins, then the earlier. */
  readonly rank: number;
  /** What it may be merged with: `%h:%p`, `%U%q`, `$scheme://$host$request_uri`. */
  readonly role?: Role;
  /** A list although its value no longer says so. */
  readonly isList?: boolean;
}

export type Role = "address" | "port" | "scheme" | "host" | "target" | "query_mark" | "query";

export interface TimeToken {
  readonly kind: "time";
  readonly layout: TimeLayout;
  readonly timeIs: TimeIs;
  readonly source: Source;
  readonly isUsed?: boolean;
}

export interface OptionalToken {
  readonly kind: "optional";
  readonly open: string;
  readonly close: string;
  readonly value: Value;
  readonly escape: Escape;
  readonly source: Source;
}

/** From here on lines are not looked at. */
export interface RestToken {
  readonly kind: "rest";
}

/** Tokens, or the sentence that says why there are none. */
export type Tokens =
  | { readonly tokens: readonly Token[]; readonly problem?: never }
  | { readonly tokens?: never; readonly problem: string };

/** What a directive means, before it is known where it stood. */
export interface Meaning {
  readonly value: Value;
  readonly rank?: number;
  readonly role?: Role;
  readonly begins?: "number";
}

export interface TimeMeaning {
  readonly layout: TimeLayout;
  readonly timeIs: TimeIs;
}

export function text(
  field: TextName,
  more: Partial<Meaning> & { missing?: readonly string[] } = {},
): Meaning {
  const { missing, ...meaning } = more;
  const value: Value = { type: "text", field, ...(missing === undefined ? {} : { missing }) };
  return { value, ...meaning };
}

export function number(
  field: NumberName,
  { divisor = 1, rank = 0, ...value }: Partial<NumberValue> & { readonly rank?: number } = {},
): Meaning {
  return { value: { ...value, type: "number", field, divisor }, rank, begins: "number" };
}

export const skipped: Meaning = { value: { type: "skipped" } };
export const skippedNumber: Meaning = { value: { type: "skipped" }, begins: "number" };
export const request: Meaning = { value: { type: "request" }, rank: 9 };
export const status: Meaning = { value: { type: "status" }, begins: "number" };
export const target: Meaning = {
  value: { type: "target", hasAppendedQuery: false },
  role: "target",
};
export const query: Meaning = text("query", { role: "query" });

/** A meaning in its place. */
export function toToken(meaning: Meaning, source: Source, escape: Escape): ValueToken {
  const { value, rank = 0, role, begins = "any" } = meaning;
  return {
    kind: "value",
    value,
    source,
    escape,
    begins,
    rank,
    ...(role === undefined ? {} : { role }),
  };
}
