import { createWorld } from "../world.ts";
import type { OpenOutput, Output } from "../../src/core/component.ts";
import { secretsIn } from "../../src/config/_find-secrets.ts";
import { systemFetch } from "../../src/engine/system-fetch.ts";
import { systemNetwork } from "../../src/engine/system-network.ts";

/** Opens an output with the real network, without a node: for what no source says. Secrets by their variable. */
export function openDirectly(
  output: Output,
  options: object,
  secrets: Readonly<Record<string, string>> = {},
): Promise<OpenOutput> {
  const parsed = output.options.parse(options);
  for (const { secret } of secretsIn(parsed, [])) {
    secret.resolve("env" in secret.place ? (secrets[secret.place.env] ?? "") : "");
  }
  const context = { ...createWorld().context(), fetch: systemFetch, network: systemNetwork };
  return output.open(parsed, context);
}
