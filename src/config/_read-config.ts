// Text to configuration, as far as it goes: what is right is there, even when something else is wrong, so that the
// secrets can be checked in the same run.
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import type { Config, ConfigParts, HistoryLevel } from "./config.ts";
import { readOutputs, readRules, readSources, type Entry, type RawEntries } from "./_entries.ts";
import { toPathText, type Finding } from "./_findings.ts";
import type { Problem } from "./problem.ts";
import { checkOutputNeeds } from "./_output-needs.ts";
import { checkReferences } from "./_references.ts";
import { fillStockRules } from "./_stock-rules.ts";
import { rootSchema, type Root } from "./_schema.ts";
import { fillDefaults, isRecord, toRecord } from "./_schema-walk.ts";
import { validate } from "./_validate.ts";
import { parseYamlDocument, type YamlDocument } from "./_yaml-document.ts";

export interface ConfigText<Rule extends z.ZodObject = z.ZodObject> {
  readonly text: string;
  /** The file's path; named in every problem, and its folder is what relative paths start from. */
  readonly file: string;
  readonly parts: ConfigParts<Rule>;
  /** The node's name when the file gives none. */
  readonly hostName: string;
}

export interface ReadConfig<Rule> {
  /** Lacks what has problems; undefined when one of the sections has. */
  readonly config: Config<Rule> | undefined;
  readonly problems: readonly Problem[];
  readonly toProblem: (finding: Finding) => Problem;
}

/** Longer files are refused; a thousand sources take a twentieth of it. */
export const configBytesMax = 4 * 1024 * 1024;

const emptyHelp =
  "the file is empty; begin with `sources:`, below it an id of your own, and below that `kind:`";

export function readConfig<Rule extends z.ZodObject>(
  input: ConfigText<Rule>,
): ReadConfig<z.output<Rule>> {
  const isTooLong = Buffer.byteLength(input.text) > configBytesMax;
  const document = parseYamlDocument(isTooLong ? "" : input.text);
  const toProblem = createToProblem(input.file, document);
  if (isTooLong) {
    const message = `the file is larger than ${configBytesMax / 2 ** 20} MiB; it cannot be a configuration`;
    const problem = toProblem({ path: [], code: "syntax", message });
    return { config: undefined, problems: [problem], toProblem };
  }
  const problems: Problem[] = document.problems.map((problem) => ({
    file: input.file,
    path: "",
    code: "syntax",
    ...problem,
  }));
  const findings: Finding[] = [];
  const config =
    document.value === undefined ? undefined : readValue(document.value, input, findings);
  problems.push(...findings.map(toProblem));
  return { config, problems, toProblem };
}

function createToProblem(file: string, document: YamlDocument): (finding: Finding) => Problem {
  return ({ path, code, message, atKey }) => ({
    file,
    ...document.locate(path, atKey),
    path: toPathText(path),
    code,
    message,
  });
}

function readValue<Rule extends z.ZodObject>(
  value: unknown,
  input: ConfigText<Rule>,
  findings: Finding[],
): Config<z.output<Rule>> | undefined {
  if (!isRecord(value)) {
    const hint =
      typeof value === "string" && /\w:\S/.test(value) ? " (a space after each `:`)" : "";
    const message =
      value === null
        ? emptyHelp
        : `the file must hold \`key: value\` lines, such as \`sources:\`${hint}`;
    findings.push({ path: [], code: "syntax", message });
    return undefined;
  }
  // A section whose lines are all commented out is null in YAML; it says no more than one that is absent.
  const raw = Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
  const { parts } = input;
  const adviseOn = (key: string): string | undefined => adviseOnStray(raw[key], parts);
  const root = validate(rootSchema, raw, { path: [], adviseOn }, findings);
  const [sources, outputs, rules] = [
    toEntries(raw["sources"]),
    toEntries(raw["outputs"]),
    fillStockRules(toEntries(raw["rules"]), parts.stockRules),
  ];
  const read = {
    sources: readSources(sources, parts, findings),
    outputs: readOutputs(outputs, parts, findings),
    rules: readRules(rules, parts.rule, findings),
  };
  checkReferences({ sources, outputs, rules, kinds: parts.sources }, findings);
  const connected = {
    sources: [...valuesOf(read.sources).values()],
    outputs: [...valuesOf(read.outputs).values()],
    kinds: parts,
  };
  checkOutputNeeds(connected, findings);
  return root === undefined
    ? undefined
    : assemble(root, toRecord(fillDefaults(rootSchema, raw)), read, input);
}

/** A source that begins in the first column is a section to YAML, and `sources:` before it is empty. */
function adviseOnStray(section: unknown, { outputs }: ConfigParts): string | undefined {
  const { kind, metric } = toRecord(section);
  if (kind === undefined && metric === undefined) {
    return undefined;
  }
  const isOutput = outputs.some(({ name }) => name === kind);
  const map = kind === undefined ? "rules" : isOutput ? "outputs" : "sources";
  return `indent it below \`${map}\``;
}

function toEntries(section: unknown): RawEntries {
  return new Map(isRecord(section) ? Object.entries(section) : []);
}

interface ReadEntries<Rule> {
  readonly sources: ReturnType<typeof readSources>;
  readonly outputs: ReturnType<typeof readOutputs>;
  readonly rules: ReadonlyMap<string, Entry<Rule>>;
}

function assemble<Rule>(
  root: Root,
  written: Readonly<Record<string, unknown>>,
  { sources, outputs, rules }: ReadEntries<Rule>,
  { file, hostName }: ConfigText,
): Config<Rule> {
  const folder = dirname(resolve(file));
  const { log, retention, server } = root;
  const node = { name: root.node.name ?? hostName };
  return {
    file,
    folder,
    node,
    log: { ...log, file: log.file === undefined ? undefined : resolve(folder, log.file) },
    data: resolve(folder, root.data),
    retention: {
      journal: { ageMs: retention.journal.age, sizeBytes: retention.journal.size },
      history: toHistoryLevels(retention.history),
    },
    server: { ...server, token: server.token },
    sources: valuesOf(sources),
    outputs: valuesOf(outputs),
    rules: valuesOf(rules),
    written: {
      node,
      log: written["log"],
      data: written["data"],
      retention: written["retention"],
      server: written["server"],
      sources: writtenOf(sources),
      outputs: writtenOf(outputs),
      rules: writtenOf(rules),
    },
  };
}

function toHistoryLevels(history: Root["retention"]["history"]): readonly HistoryLevel[] {
  return [
    { stepMs: 10_000, ageMs: history["10s"] },
    { stepMs: 60_000, ageMs: history["1m"] },
    { stepMs: 3_600_000, ageMs: history["1h"] },
  ];
}

function valuesOf<Value>(entries: ReadonlyMap<string, Entry<Value>>): ReadonlyMap<string, Value> {
  return new Map([...entries].map(([id, { value }]) => [id, value]));
}

function writtenOf(entries: ReadonlyMap<string, Entry<unknown>>): ReadonlyMap<string, unknown> {
  return new Map([...entries].map(([id, { written }]) => [id, written]));
}

/** In the order of the file. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
