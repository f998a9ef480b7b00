import type { OutputConfig } from "../config/config.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import { UserError, describeError } from "../core/errors.ts";
import { count } from "../core/sample.ts";
import type { NodeConfig } from "../engine/parts.ts";
import type { Command, Given, Terminal } from "./command.ts";
import { textFlag } from "./command.ts";

/** The source that the test seems to come from. */
const testSource = "watchpost-test";
const deadlineMs = 30_000;

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
      await terminal.print(`${title}: ${await tryOutput(chosen, config, terminal)}\n`);
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
async function tryOutput(
  chosen: OutputConfig,
  config: NodeConfig,
  terminal: Terminal,
): Promise<string> {
  const { createContext } = await import("../engine/component-context.ts");
  const { createMetricCatalogue } = await import("../engine/metric-catalogue.ts");
  const { parts } = await import("../engine/parts.ts");
  const { createSystemFiles } = await import("../engine/system-files.ts");
  const kind = parts.outputs.find(({ name }) => name === chosen.kind);
  if (kind === undefined) {
    throw new Error(`there is no kind of output called ${chosen.kind}`);
  }
  const signal = AbortSignal.any([terminal.stop, AbortSignal.timeout(deadlineMs)]);
  const files = createSystemFiles(config.folder);
  const environment = { ...terminal.environment, files, log: () => {} };
  let problem: string | undefined;
  const context = createContext(environment, signal, (reported) => {
    problem = reported;
  });
  const describe = createMetricCatalogue(parts.sources);
  const fresh = { describe, state: undefined, countRefused: () => {} };
  await using opened = await kind.open(chosen.options, { ...context, ...fresh });
  const now = terminal.environment.clock.now();
  await opened.write([toTestBatch(chosen, config, now)], signal);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return describeSuccess(opened);
}

function toTestBatch({ id, labels }: OutputConfig, { node }: NodeConfig, now: number): Batch {
  const text = `Test of the output ${id} of Watchpost on ${node.name}: please ignore.`;
  const marks = { more: false, partial: false, backfill: false };
  return {
    source: testSource,
    service: "",
    seq: 1,
    from: now - 1000,
    to: now,
    samples: [count("watchpost_test_total", 1, { ...labels, output: id })],
    tops: [],
    events: [{ at: now, name: "watchpost_test", labels: { output: id }, text }],
    ...marks,
  };
}

/** Without an error is all that can be said: some receivers never answer, and others take what they will not keep. */
function describeSuccess({ routes = [] }: OpenOutput): string {
  const paths = routes.map(({ path }) => path).join(", ");
  return paths === ""
    ? `no error; look there for the source ${testSource} with watchpost_test_total 1`
    : `no error; it sends nothing but is asked, at ${paths} of a running node`;
}
