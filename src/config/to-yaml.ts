import { stringify } from "yaml";
import type { Config } from "./config.ts";

/**
 * The effective configuration for `config show`: what was written and every default, quantities with their units,
 * secrets as the place that they are kept in. Reading it again gives the same configuration.
 */
export function toYaml({ written }: Config<unknown>): string {
  return stringify(written, { lineWidth: 100, aliasDuplicateObjects: false });
}

/** The same as JSON, for programs. */
export function toJson({ written }: Config<unknown>): string {
  return `${JSON.stringify(written, toPlain, 2)}\n`;
}

function toPlain(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}
