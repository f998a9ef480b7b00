import type { Config, ConfigParts } from "../config/config.ts";
import { outputs } from "../outputs/index.ts";
import { type RuleConfig, ruleOptions } from "../rules/rule-options.ts";
import { stockRules } from "../rules/stock-rules.ts";
import { sources } from "../sources/index.ts";

/** Everything that a configuration can name. */
export const parts = { sources, outputs, rule: ruleOptions, stockRules } satisfies ConfigParts;

/** A configuration read with these parts. */
export type NodeConfig = Config<RuleConfig>;
