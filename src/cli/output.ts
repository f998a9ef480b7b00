import type { OutputConfig } from "../config/config.ts";
import { UserError, describeError } from "../core/errors.ts";
import type { NodeConfig } from "../engine/parts.ts";
import type { Command, Given, Terminal } from "./command.ts";
import { textFlag } from "./command.ts";

const test: Command = {
  name: "test",
  summary: "Sends one clearly marked test measurement to an output and says what became of it.",
  args: { "<name>": "the output's id in the configuration" },
  flags: { "-c, --config <file>": "the configuration file (default: watchpost.yml)" },

  async run(given: Given, terminal: Terminal) {
    const { loadNodeConfig } = await import("./_node.ts");
    const config = await loadNodeConfig(textFlag(given, "config") ?? "watchpost.yml", terminal);
    const chosen = findOutput(config, given.args[0] ?? "");
    const title = `${chosen.id} (${chosen.kind})`;
    try {
      await terminal.print(`${title}: ${await tryChosen(chosen, config, terminal)}\n`);
      return 0;
    } catch (error) {
      terminal.note(`${title}: failed: ${describeError(error)}\n`);
      return 1;
    }
  },
};

export const output: Command = {
  name: "output",
  summary: "Tries out outputs.",
  commands: [test],
};

function findOutput({ file, outputs }: NodeConfig, id: string): OutputConfig {
  const found = outputs.get(id);
  if (found === undefined) {
    const known = outputs.size === 0 ? "it has none" : `it has ${[...outputs.keys()].join(", ")}`;
    throw new UserError("NOT_FOUND", `${file} has no output ${id}; ${known}`);
  }
  return found;
}

/** Resolves to what happened, as a sentence. Rejects with what the output threw or reported. */
async function tryChosen(
  chosen: OutputConfig,
  config: NodeConfig,
  terminal: Terminal,
): Promise<string> {
  const { createMetricCatalogue } = await import("../engine/metric-catalogue.ts");
  const { parts } = await import("../engine/parts.ts");
  const { createSystemFiles } = await import("../engine/system-files.ts");
  const { tryOutput } = await import("../engine/try-output.ts");
  const kind = parts.outputs.find(({ name }) => name === chosen.kind);
  if (kind === undefined) {
    throw new Error(`there is no kind of output called ${chosen.kind}`);
  }
  const files = createSystemFiles(config.folder);
  const trial = {
    kind,
    config: chosen,
    node: config.node.name,
    environment: { ...terminal.environment, files, log: () => {} },
    describe: createMetricCatalogue(parts.sources),
  };
  return tryOutput(trial, terminal.stop);
}
