// A configuration of kinds that a test holds by its strings: what their sources see and their outputs got.
import { z } from "zod";
import { parseConfig } from "../src/config/parse-config.ts";
import type { Batch } from "../src/core/batch.ts";
import { type Output, type Source, defineOutput, defineSource } from "../src/core/component.ts";
import { count } from "../src/core/sample.ts";
import type { NodeConfig } from "../src/engine/parts.ts";
import { ruleOptions } from "../src/rules/rule-options.ts";

export interface Puppets {
  readonly sources: readonly Source[];
  readonly outputs: readonly Output[];
  /** "start a", "stop a", "open x", "close x", in the order in which they happened. */
  readonly events: string[];
  /** What the outputs of kind `list` were given, by their option `name`. */
  readonly written: ReadonlyMap<string, readonly Batch[]>;
  /** What happens at the next step of the source of this name; what it throws, the source throws. */
  readonly onStep: Map<string, () => Promise<void> | void>;
  readonly onOpen: Map<string, () => Promise<void> | void>;
  parse(text: string): NodeConfig;
}

const named = z.strictObject({
  name: z.string().describe("Its name."),
  page: z.string().optional().describe("Path of its page."),
});

export function createPuppets(): Puppets {
  const events: string[] = [];
  const written = new Map<string, Batch[]>();
  const onStep = new Map<string, () => Promise<void> | void>();
  const onOpen = new Map<string, () => Promise<void> | void>();
  const counter = defineSource({
    name: "counter",
    summary: "Counts one each interval.",
    options: named,
    target: ({ name }) => `the beat of ${name}`,
    metrics: { n_total: { kind: "count", help: "One each." } },
    every: "1s",
    examples: [{ title: "", options: { name: "" }, given: {}, expect: [] }],
    async *follow({ name }, { sleep, now, everyMs }) {
      events.push(`start ${name}`);
      try {
        for (;;) {
          await sleep(everyMs);
          await onStep.get(name)?.();
          yield { from: now() - everyMs, to: now(), samples: [count("n_total", 1)] };
        }
      } finally {
        events.push(`stop ${name}`);
      }
    },
  });
  const toOutput = (kind: string): Output =>
    defineOutput({
      name: kind,
      summary: "Keeps what it is given.",
      options: named,
      ...(kind === "list" && { isRepeatable: true }),
      examples: [{ title: "", options: { name: "" }, batches: [], expect: {} }],
      async open({ name, page }) {
        events.push(`open ${name}`);
        await onOpen.get(name)?.();
        const list = written.get(name) ?? [];
        written.set(name, list);
        const summary = "A page.";
        const headers = { "content-type": "text/plain" };
        const handle = async () => ({ status: 200, headers, body: name });
        return {
          write: async (batches) => void list.push(...batches),
          ...(page !== undefined && { routes: [{ path: page, summary, handle }] }),
          async [Symbol.asyncDispose]() {
            events.push(`close ${name}`);
          },
        };
      },
    });
  const [sources, outputs] = [[counter], [toOutput("list"), toOutput("page")]];
  return {
    sources,
    outputs,
    events,
    written,
    onStep,
    onOpen,
    parse(text) {
      const parts = { sources, outputs, rule: ruleOptions };
      const { config, problems } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
      if (config === undefined) {
        throw new Error(problems.map(({ path, message }) => `${path} ${message}`).join("\n"));
      }
      return config;
    },
  };
}
