// Conditions on the fields of a line, as users write them: `status >= 500 and not agent ~ "bot"`.

import type { FieldName, NumberName, TextName } from "../format/fields.ts";

/** Plain data. A comparison with a field that the line lacks does not hold, and `!=` does. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly all: readonly Condition[] }
  | { readonly kind: "not"; readonly inner: Condition }
  | NumberCondition
  | TextCondition
  | { readonly kind: "present"; readonly field: FieldName };

export interface NumberCondition {
  readonly kind: "number";
  /** Durations in seconds, sizes in bytes. */
  readonly field: NumberName;
  readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=";
  readonly value: number;
}

export interface TextCondition {
  readonly kind: "text";
  readonly field: TextName;
  /** `~` matches a pattern of core/user-pattern.ts, anywhere and without regard to case. */
  readonly operator: "=" | "!=" | "~" | "!~";
  readonly value: string;
}

/** `column` counts from 1. */
export type ParsedWhere =
  | { readonly condition: Condition; readonly problem?: never }
  | { readonly condition?: never; readonly problem: string; readonly column: number };
