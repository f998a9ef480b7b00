// The rules of the tree (ARCHITECTURE.md) over a map of files to their texts, so that a test can plant a breach.

import path from "node:path";
import { type Import, type Parsed, parseFile } from "./parse-file.ts";

/** Layers, top first. A file imports its own folder and the layers below; never up, never sideways. */
const layers = [
  ["main.ts"],
  ["cli"],
  ["agent", "server"],
  ["engine"],
  ["rules"],
  ["sources", "outputs", "channels"],
  ["access-log", "haproxy", "plugin", "link"],
  ["config", "journal", "history"],
  ["core"],
];
const rank = new Map(layers.flatMap((names, row) => names.map((name) => [name, row] as const)));

/** Folders in which each file is a component: it is in the list, and components do not know one another. */
const componentLists = new Map([
  ["src/sources", "src/sources/index.ts"],
  ["src/outputs", "src/outputs/index.ts"],
  ["src/channels", "src/channels/index.ts"],
  ["src/server/routes", "src/server/routes.ts"],
]);
/** Folders whose files are listed too, but may build on one another; what reads the list stands outside it. */
const otherLists = new Map([["src/cli", "src/cli/index.ts"]]);

const linesMax = 400;
const bannedWords = new Set(["util", "utils", "helper", "helpers", "common", "manager", "impl"]);

/**
 * Holds the files (text by path from the root, such as "src/core/clock.ts") against the rules and returns one
 * sentence for each breach. Tests have to be named and short; what they import is free.
 */
export function findUntidy(files: ReadonlyMap<string, string>): readonly string[] {
  const sources = [...files.keys()].filter((file) => isSource(file)).toSorted();
  const graph = new Map(sources.map((file) => [file, parseFile(file, files.get(file) ?? "")]));
  return [
    ...[...files].flatMap(([file, text]) => checkNameAndLength(file, text)),
    ...[...graph].flatMap(([file, parsed]) => checkImports(file, parsed, files)),
    ...[...graph].flatMap(([file, parsed]) => checkProcess(file, parsed)),
    ...sources.flatMap((file) => checkListed(file, graph)),
    ...findCycles(graph),
  ];
}

function isSource(file: string): boolean {
  return file.startsWith("src/") && !file.endsWith(".test.ts");
}

function checkNameAndLength(file: string, text: string): string[] {
  const found: string[] = [];
  if (!/^_?[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.tsx?$/.test(path.posix.basename(file))) {
    found.push(`${file} is not in kebab-case`);
  }
  const banned = file.split(/[/._-]/).find((word) => bannedWords.has(word));
  if (banned !== undefined) {
    found.push(`${file}: "${banned}" says nothing about what is inside`);
  }
  const lines = text.trimEnd().split("\n").length;
  if (lines > linesMax) {
    found.push(`${file} has ${lines} lines; ${linesMax} are allowed`);
  }
  return found;
}

function checkImports(
  file: string,
  { imports }: Parsed,
  files: ReadonlyMap<string, string>,
): string[] {
  return imports.flatMap((found) => {
    const breach = breachOf(file, found, files);
    return breach === undefined ? [] : [`${file} may not import ${found.target}: ${breach}`];
  });
}

function breachOf(
  file: string,
  { target, isUrl }: Import,
  files: ReadonlyMap<string, string>,
): string | undefined {
  const [from, to] = [rank.get(layerOf(file)), rank.get(layerOf(target))];
  if (from === undefined || to === undefined) {
    return `${from === undefined ? file : target} is in no layer`;
  }
  if (isUrl && !files.has(target)) {
    return "there is no such file";
  }
  if (to < from) {
    return "it is in a layer above";
  }
  if (to === from && layerOf(file) !== layerOf(target)) {
    return "it is in a layer beside";
  }
  if (!isVisible(file, target)) {
    return "it is private to its folder";
  }
  return isSibling(file, target) ? "components do not know one another" : undefined;
}

/** "src/core/x.ts" is in "core", "src/main.ts" in "main.ts", and what is outside src in none. */
function layerOf(file: string): string {
  const [top, layer = ""] = file.split("/");
  return top === "src" ? layer : "";
}

function isVisible(file: string, target: string): boolean {
  const folder = path.posix.dirname(target);
  return !path.posix.basename(target).startsWith("_") || file.startsWith(`${folder}/`);
}

function isSibling(file: string, target: string): boolean {
  const folder = [...componentLists.keys()].find((name) => file.startsWith(`${name}/`));
  if (folder === undefined || componentLists.get(folder) === file) {
    return false;
  }
  const [own, other] = [file, target].map((name) => path.posix.relative(folder, name));
  const [ownName, otherName = ""] = [own, other].map((name) => name?.split("/")[0]);
  return otherName !== ".." && ownName !== otherName && !otherName.startsWith("_");
}

function checkProcess(file: string, { processUses }: Parsed): string[] {
  return file === "src/main.ts" ? [] : processUses.map((use) => `${file}: ${use} is main.ts's`);
}

function checkListed(file: string, graph: ReadonlyMap<string, Parsed>): string[] {
  const folder = path.posix.dirname(file);
  const list = componentLists.get(folder) ?? otherLists.get(folder);
  if (list === undefined || list === file || path.posix.basename(file).startsWith("_")) {
    return [];
  }
  const isImported = (by: string, target: string): boolean =>
    graph.get(by)?.imports.some((found) => found.target === target) ?? false;
  const isReader = otherLists.has(folder) && isImported(file, list);
  return isReader || isImported(list, file) ? [] : [`${file} is not in ${list}`];
}

function findCycles(graph: ReadonlyMap<string, Parsed>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push(`cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" → ")}`);
    } else if (!done.has(file)) {
      graph.get(file)?.imports.forEach(({ target }) => visit(target, [...trail, file]));
      done.add(file);
    }
  };
  [...graph.keys()].forEach((file) => visit(file, []));
  return cycles;
}
