import { Secret } from "../core/secret.ts";
import type { Config } from "./config.ts";
import type { Path } from "./_findings.ts";

export interface FoundSecret {
  /** Where it stands in the file; where options were renamed by their schema, as near as can be known. */
  readonly path: Path;
  readonly secret: Secret;
}

/** Every secret of a configuration. */
export function findSecrets(config: Config<unknown>): readonly FoundSecret[] {
  return [
    ...secretsIn(config.server.token, ["server", "token"]),
    ...[...config.sources].flatMap(([id, source]) => secretsIn(source.options, ["sources", id])),
    ...[...config.outputs].flatMap(([id, output]) => secretsIn(output.options, ["outputs", id])),
    ...[...config.rules].flatMap(([id, rule]) => secretsIn(rule, ["rules", id])),
  ];
}

/** Looks into lists, maps and plain objects; options are finite, since they come from a text. */
export function secretsIn(value: unknown, path: Path): readonly FoundSecret[] {
  if (value instanceof Secret) {
    return [{ path, secret: value }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => secretsIn(item, [...path, index]));
  }
  if (value instanceof Map) {
    return [...value].flatMap(([key, item]) => secretsIn(item, [...path, String(key)]));
  }
  return isPlainObject(value)
    ? Object.entries(value).flatMap(([key, item]) => secretsIn(item, [...path, key]))
    : [];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
