// An engine with puppets for sources and outputs, in a fake environment.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { OutputConfig } from "../src/config/config.ts";
import type { Output } from "../src/core/component.ts";
import { Engine } from "../src/engine/engine.ts";
import { type Puppets, createPuppets } from "./engine-config.ts";
import { createFakeNode } from "./fake-environment.ts";
import { createNoHistory } from "./no-history.ts";

export type FakeNode = ReturnType<typeof createFakeNode>;

export interface EngineWorld {
  readonly node: FakeNode;
  readonly puppets: Puppets;
  readonly engine: Engine;
  readonly reload: (text: string) => Promise<unknown>;
  /** Time passes until the engine has stopped. */
  readonly stop: () => Promise<void>;
}

const folder = mkdtempSync(path.join(os.tmpdir(), "watchpost-engine-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
let files = 0;

export function nextIncidentsFile(): string {
  return path.join(folder, `${files++}.db`);
}

const own: OutputConfig = {
  id: "page",
  kind: "page",
  only: [],
  except: [],
  labels: {},
  options: { name: "own", page: "/own" },
};

export interface EngineGiven {
  readonly node?: FakeNode;
  readonly puppets?: Puppets;
  readonly incidentsFile?: string;
  /** An output of a kind of its own that the node opens for itself, beside the puppets' kinds. */
  readonly own?: { readonly kind: Output; readonly config: OutputConfig };
}

export async function startEngine(text: string, given: EngineGiven = {}): Promise<EngineWorld> {
  const { node = createFakeNode(), puppets = createPuppets() } = given;
  const { incidentsFile = nextIncidentsFile() } = given;
  const { journal, environment } = node;
  const { sources } = puppets;
  const config = puppets.parse(text);
  const outputs = [...puppets.outputs, ...(given.own === undefined ? [] : [given.own.kind])];
  const ownOutputs = [given.own?.config ?? own];
  const history = createNoHistory();
  const stores = { journal, history, incidentsFile };
  const engine = await Engine.start({
    config,
    ...stores,
    sources,
    outputs,
    ownOutputs,
    environment,
  });
  await node.settle();
  return {
    node,
    puppets,
    engine,
    reload: (changed) => within(node, engine.reload(puppets.parse(changed))),
    stop: async () => within(node, engine[Symbol.asyncDispose]()),
  };
}

/** Lets time pass for as long as `work` needs it. */
export async function within<Result>(node: FakeNode, work: Promise<Result>): Promise<Result> {
  const watch = { isDone: false };
  const settle = async (): Promise<void> => {
    await Promise.allSettled([work]);
    watch.isDone = true;
  };
  void settle();
  await node.settle();
  for (let i = 0; i < 100 && !watch.isDone; i++) {
    await node.advance(100);
  }
  assert.ok(watch.isDone, "it came to an end within ten seconds");
  return work;
}

/** A configuration with these entries. */
export function toConfigText(
  sources: readonly string[],
  outputs: readonly string[] = [],
  rules: readonly string[] = [],
): string {
  const sections = Object.entries({ sources, outputs, rules });
  const texts = sections.map(([name, entries]) =>
    entries.length === 0 ? "" : `${name}:\n${entries.map((entry) => `  ${entry}\n`).join("")}`,
  );
  return `node: { name: test }\n${texts.join("")}`;
}
