import { createWorld } from "../world.ts";
import type { OpenOutput, Output } from "../../src/core/component.ts";
import { systemFetch } from "../../src/engine/system-fetch.ts";
import { systemNetwork } from "../../src/engine/system-network.ts";

/** Opens an output with the real network, without a node: for what no source says. */
export function openDirectly(output: Output, options: object): Promise<OpenOutput> {
  const context = { ...createWorld().context(), fetch: systemFetch, network: systemNetwork };
  return output.open(output.options.parse(options), context);
}
