// YAML text to a plain value, and from a path in that value back to its place in the text.
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { quoteKey, type Path } from "./_findings.ts";
import { describeSyntax } from "./_yaml-messages.ts";

/** From 1, both. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem extends Position {
  readonly message: string;
}

export interface YamlDocument {
  /** Plain objects, lists, texts, numbers, booleans and null. Undefined when `problems` make it worthless. */
  readonly value: unknown;
  readonly problems: readonly SyntaxProblem[];
  /** Where the value at a path stands; of what is absent, where the nearest thing around it does. */
  locate(path: Path, atKey?: boolean): Position;
}

/** How many values the aliases of one file may stand for; far above any honest use. */
const aliasedValuesMax = 1_000;
/** Nesting of lists and keys. The deepest option of any component is at 10. */
const depthMax = 50;

interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
}

/** Never throws. Anchors, aliases and merge keys (`<<`) are taken; tags and further documents are not. */
export function parseYamlDocument(text: string): YamlDocument {
  const lines = createLineIndex(text);
  // A fault at the end of the text is shown where the last thing stands, not on an empty line behind it.
  const end = text.trimEnd().length;
  const toPosition = (offset: number): Position =>
    lines.positionOf(Math.max(0, Math.min(offset, end)));
  const reading = readText(text, lines);
  return {
    value: reading.value,
    problems: reading.faults.map(({ offset, message }) => ({ ...toPosition(offset), message })),
    locate: (path, atKey = false) => toPosition(findOffset(reading, path, atKey)),
  };
}

/** The parser's own LineCounter loses lines after some mistakes. */
interface LineIndex {
  positionOf(offset: number): Position;
}

function createLineIndex(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return {
    positionOf(offset) {
      const line = starts.findLastIndex((start) => start <= offset);
      return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
    },
  };
}

interface Reading {
  readonly value: unknown;
  readonly faults: readonly SyntaxFault[];
  readonly root: unknown;
  readonly targets: AliasTargets;
}

/** What each alias stands for. */
type AliasTargets = ReadonlyMap<unknown, Node>;

function readText(text: string, lines: LineIndex): Reading {
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      merge: true,
      logLevel: "error",
    });
    const root = document.contents;
    const broken = onePerLine([...document.errors, ...document.warnings], text, lines);
    if (broken.length > 0) {
      return { value: undefined, faults: broken, root, targets: new Map() };
    }
    const { faults, fatal, targets } = checkNodes(document, lines);
    const value: unknown = fatal ? undefined : document.toJS({ maxAliasCount: aliasedValuesMax });
    return { value, faults, root, targets };
  } catch (error) {
    // The parser and toJS recurse; only they know how deep is too deep, or which aliases explode.
    const message =
      error instanceof RangeError
        ? "the text is nested too deeply to be read; check its brackets"
        : "the aliases stand for too many values; write some of them out";
    const faults = [{ offset: 0, message }];
    return { value: undefined, faults, root: undefined, targets: new Map() };
  }
}

/** One mistake makes the parser stumble several times: what it says first on a line is the useful part. */
function onePerLine(
  errors: readonly YAMLError[],
  text: string,
  lines: LineIndex,
): readonly SyntaxFault[] {
  const firsts = new Map<number, SyntaxFault>();
  for (const error of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const { line } = lines.positionOf(error.pos[0]);
    if (!firsts.has(line)) {
      firsts.set(line, { offset: error.pos[0], message: describeSyntax(error, text) });
    }
  }
  return [...firsts.values()];
}

/** What is good YAML, and yet no configuration: keys twice, keys that are no text, aliases that lead nowhere. */
function checkNodes(
  document: Document.Parsed,
  lines: LineIndex,
): {
  readonly faults: readonly SyntaxFault[];
  readonly fatal: boolean;
  readonly targets: AliasTargets;
} {
  const faults: SyntaxFault[] = [];
  const anchors = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  let fatal = false;
  visit(document, (_, node, ancestors) => {
    let fault: string | undefined;
    if (isMap(node)) {
      const keys = checkKeys(node, lines);
      faults.push(...keys.faults);
      fatal ||= keys.fatal;
    }
    if (isNode(node) && "anchor" in node && node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      fault = describeAlias(node.source, target, ancestors);
      if (target !== undefined) {
        targets.set(node, target);
      }
    } else if (ancestors.length > depthMax * 2) {
      fault = "this is nested too deeply; check the brackets and the indentation";
    }
    if (fault === undefined) {
      return undefined;
    }
    faults.push({ offset: offsetOf(node) ?? 0, message: fault });
    fatal = true;
    return visit.SKIP;
  });
  return { faults, fatal, targets };
}

/** What is wrong with `*name`. */
function describeAlias(
  name: string,
  target: Node | undefined,
  ancestors: readonly unknown[],
): string | undefined {
  if (target === undefined) {
    return `${quoteKey(`*${name}`)} repeats a value marked ${quoteKey(`&${name}`)}, which is nowhere above; put the text in quotes if none is meant`;
  }
  return ancestors.includes(target)
    ? `${quoteKey(`*${name}`)} repeats what it is itself a part of; write the value out`
    : undefined;
}

function checkKeys(
  map: YAMLMap,
  lines: LineIndex,
): { readonly faults: readonly SyntaxFault[]; readonly fatal: boolean } {
  const faults: SyntaxFault[] = [];
  let fatal = false;
  const firsts = new Map<string, number>();
  for (const { key } of map.items) {
    const offset = offsetOf(key) ?? 0;
    const name = keyText(key);
    if (name === undefined || name === "" || name === "__proto__") {
      faults.push({ offset, message: "this key cannot be used; write plain text" });
      fatal = true;
      continue;
    }
    const first = firsts.get(name);
    if (first !== undefined) {
      const { line } = lines.positionOf(first);
      const message = `${quoteKey(name)} is here twice; the first is on line ${line}, remove or rename one`;
      faults.push({ offset, message });
    }
    firsts.set(name, first ?? offset);
  }
  return { faults, fatal };
}

function findOffset({ root, targets }: Reading, path: Path, atKey: boolean): number {
  let node: unknown = root;
  let key: unknown;
  for (const step of path) {
    const here: unknown = targets.get(node) ?? node;
    const pair = isMap(here) ? findPair(here, String(step), targets) : undefined;
    if (pair !== undefined) {
      ({ key, value: node } = pair);
    } else if (isSeq(here) && typeof step === "number" && step < here.items.length) {
      key = undefined;
      node = here.items[step];
    } else {
      return offsetOf(key) ?? offsetOf(node) ?? 0;
    }
  }
  return atKey ? (offsetOf(key) ?? offsetOf(node) ?? 0) : startOf(node, key);
}

/** An empty value has no place of its own: its key stands for it. */
function startOf(node: unknown, key: unknown): number {
  const isEmpty = isScalar(node) && node.range?.[0] === node.range?.[1];
  return (isEmpty ? (offsetOf(key) ?? offsetOf(node)) : (offsetOf(node) ?? offsetOf(key))) ?? 0;
}

function findPair(map: YAMLMap, name: string, targets: AliasTargets): Pair | undefined {
  const own = map.items.findLast(({ key }) => keyText(key) === name);
  if (own !== undefined) {
    return own;
  }
  for (const { key, value } of map.items) {
    for (const merged of keyText(key) !== "<<" ? [] : isSeq(value) ? value.items : [value]) {
      const source: unknown = targets.get(merged) ?? merged;
      const pair = isMap(source) ? findPair(source, name, targets) : undefined;
      if (pair !== undefined) {
        return pair;
      }
    }
  }
  return undefined;
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) {
    return undefined;
  }
  const { value } = key;
  if (typeof value === "symbol") {
    return "<<";
  }
  const isPlain = typeof value === "string" || typeof value === "number";
  return isPlain || typeof value === "boolean" ? String(value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
