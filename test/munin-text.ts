// A strict reader of what a Munin node says, by the patterns of Munin::Master::Node: it throws where a master would
// rewrite a name, drop a line or mix two graphs.
import assert from "node:assert/strict";

export interface MuninGraph {
  /** Those that begin with `graph_`, without that. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The others: update_rate, graph_data_size. */
  readonly bare: ReadonlyMap<string, string>;
  /** By field, as [seconds, text]. */
  readonly values: ReadonlyMap<string, readonly (readonly [number, string])[]>;
}

interface OpenGraph extends MuninGraph {
  readonly attributes: Map<string, string>;
  readonly bare: Map<string, string>;
  readonly values: Map<string, [number, string][]>;
  readonly labels: Set<string>;
}

/** By name, from the answer to `config`, `fetch` or `spoolfetch`; `isConfig`: every field has to have a label. */
export function parseMuninText(text: string, isConfig = true): ReadonlyMap<string, MuninGraph> {
  assert.ok(text.endsWith("\n.\n"), "the answer ends");
  const graphs = new Map<string, OpenGraph>();
  let current: OpenGraph | undefined;
  for (const line of text.slice(0, -3).split("\n")) {
    const [, name] = /^multigraph (\S+)$/.exec(line) ?? [];
    if (name !== undefined) {
      assert.match(name, /^[-\w]+$/);
      assert.ok(name !== "multigraph" && !graphs.has(name), `${name} twice`);
      current = { attributes: new Map(), bare: new Map(), values: new Map(), labels: new Set() };
      graphs.set(name, current);
      continue;
    }
    assert.ok(current !== undefined, `outside of a graph: ${line}`);
    readLine(current, line);
  }
  for (const [name, graph] of graphs) {
    assert.ok(!isConfig || graph.attributes.has("title"), `${name} has a title`);
    const unlabelled = [...graph.values.keys()].filter((field) => !graph.labels.has(field));
    assert.deepEqual(isConfig ? unlabelled : [], [], name);
  }
  return graphs;
}

function readLine(graph: OpenGraph, line: string): void {
  const [, attribute, about] = /^([a-z_]+) (\S.*)$/.exec(line) ?? [];
  if (attribute !== undefined && about !== undefined) {
    const isGraph = attribute.startsWith("graph_") && attribute !== "graph_data_size";
    const into = isGraph ? graph.attributes : graph.bare;
    const key = isGraph ? attribute.slice("graph_".length) : attribute;
    assert.ok(!into.has(key), `twice: ${line}`);
    assert.doesNotMatch(about, /[#\p{Cc}]/u);
    into.set(key, about);
    return;
  }
  const [, field, what, value] = /^([A-Za-z_][A-Za-z0-9_]*)\.([a-z]+) (\S.*)$/.exec(line) ?? [];
  assert.ok(field !== undefined && value !== undefined && field !== "root", `no line: ${line}`);
  if (what !== "value") {
    assert.doesNotMatch(value, /[#\\\p{Cc}]/u);
    assert.ok(what !== "label" || !graph.labels.has(field), `twice: ${line}`);
    graph.labels.add(field);
    return;
  }
  const [, at, number] = /^(\d+):(U|-?\d+(?:\.\d+)?)$/.exec(value) ?? [];
  assert.ok(at !== undefined && number !== undefined, `no value: ${line}`);
  const values = graph.values.get(field) ?? [];
  assert.ok((values.at(-1)?.[0] ?? 0) < Number(at), `not in order: ${line}`);
  values.push([Number(at), number]);
  graph.values.set(field, values);
}
