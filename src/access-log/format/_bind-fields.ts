// Each field is bound by one directive only.

import type { FieldName, ModelName } from "./fields.ts";
import type { Value } from "./line-format.ts";
import type { Token, ValueToken } from "./_tokens.ts";

/** A field that nobody binds takes its value from the next best one. */
const substitutes: readonly (readonly [ModelName, ModelName])[] = [
  ["bytes", "bytes_sent"],
  ["host", "server_name"],
  ["client", "peer"],
  ["duration", "total_duration"],
];

/**
 * Where several directives say the same (`%s` and `%>s`, `%h` and `%a`), the one with the highest
 * rank keeps its field, then the earliest; the others are skipped in the line.
 */
export function bindFields(tokens: readonly Token[]): readonly Token[] {
  const winners = new Map<FieldName, ValueToken>();
  for (const token of tokens) {
    for (const field of token.kind === "value" ? claims(token.value) : []) {
      const winner = winners.get(field);
      if (token.kind === "value" && (winner === undefined || token.rank > winner.rank)) {
        winners.set(field, token);
      }
    }
  }
  return tokens.map((token) =>
    token.kind === "value" ? rename(release(token, winners), winners) : token,
  );
}

/** What a value must be the only one to give. */
function claims(value: Value): readonly FieldName[] {
  switch (value.type) {
    case "text":
    case "number":
      return [value.field];
    case "target":
      return ["target"];
    case "status":
      return ["status"];
    case "request":
      return ["method", "target", "protocol"];
    case "endpoint":
      return [value.host, value.port].filter((name) => name !== undefined);
    case "skipped":
      return [];
  }
}

/** A token without the fields that another has won. */
function release(token: ValueToken, winners: ReadonlyMap<FieldName, ValueToken>): ValueToken {
  const { value } = token;
  const lost = claims(value).filter((field) => winners.get(field) !== token);
  if (lost.length === 0) {
    return token;
  }
  if (value.type === "endpoint") {
    const keep = <Name extends FieldName>(name: Name | undefined): Name | undefined =>
      name !== undefined && lost.includes(name) ? undefined : name;
    return { ...token, value: { ...value, host: keep(value.host), port: keep(value.port) } };
  }
  return value.type === "request" ? token : skip(token);
}

function skip(token: ValueToken): ValueToken {
  const isList = "list" in token.value && token.value.list !== undefined;
  return { ...token, value: { type: "skipped" }, isList };
}

function rename(token: ValueToken, winners: ReadonlyMap<FieldName, ValueToken>): ValueToken {
  const { value } = token;
  for (const [wanted, substitute] of substitutes) {
    if (winners.has(wanted)) {
      continue;
    }
    if ((value.type === "text" || value.type === "number") && value.field === substitute) {
      return { ...token, value: renamed(value, wanted) };
    }
    if (value.type === "endpoint" && value.host === substitute) {
      return { ...token, value: { ...value, host: asText(wanted) } };
    }
  }
  return token;
}

function renamed(value: Value, field: ModelName): Value {
  if (value.type === "text") {
    const name = asText(field);
    return name === undefined ? value : { ...value, field: name };
  }
  if (value.type === "number" && (field === "bytes" || field === "duration")) {
    return { ...value, field };
  }
  return value;
}

function asText(field: ModelName): "host" | "client" | undefined {
  return field === "host" || field === "client" ? field : undefined;
}
