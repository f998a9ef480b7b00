// A graph as Munin describes it (guide.munin-monitoring.org, "Data exchange between master and node").
import { hash } from "node:crypto";
import type { Point, SpooledSource } from "./_munin-spool.ts";

export interface Field {
  /** Legal, and different from the graph's others. */
  readonly name: string;
  readonly label: string;
  /** draw, info, colour … in the order in which they are written. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** NaN: unknown. */
  readonly valueAt: (point: Point) => number;
}

export interface Graph {
  /** Legal, and different from all others of the node. */
  readonly name: string;
  /** title, category, vlabel, info, args … without the prefix `graph_`, in the order in which they are written. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly fields: readonly Field[];
  readonly source: SpooledSource;
}

/** What a master asks for by one name. */
export interface Plugin {
  readonly name: string;
  readonly graphs: readonly Graph[];
}

/** The lines of `config`. `resolutionS` undefined: the master's usual five minutes. */
export function toConfigLines(graph: Graph, resolutionS: number | undefined): string {
  const { name, attributes, fields, source } = graph;
  const lines = [`multigraph ${name}`];
  for (const [attribute, value] of Object.entries(attributes)) {
    lines.push(`graph_${attribute} ${toText(value)}`);
  }
  lines.push(...toResolutionLines(toStepS(source, resolutionS ?? usualStepS)));
  for (const field of fields) {
    lines.push(`${field.name}.label ${toText(field.label)}`, `${field.name}.type GAUGE`);
    for (const [attribute, value] of Object.entries(field.attributes ?? {})) {
      lines.push(`${field.name}.${attribute} ${toText(value)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The lines of `fetch`, oldest first for each field; `points` are of the graph's source. */
export function toValueLines({ fields }: Graph, points: readonly Point[]): string {
  return fields
    .flatMap(({ name, valueAt }) =>
      points.map((point) => `${name}.value ${point.atS}:${toNumberText(valueAt(point))}\n`),
    )
    .join("");
}

/** The step of an RRD unless its graph says otherwise. */
const usualStepS = 300;

/**
 * A value that is older than two steps is unknown to an RRD: its step may not be shorter than the source's interval,
 * which is the shortest distance between its latest points.
 */
function toStepS({ points }: SpooledSource, resolutionS: number): number {
  const latest = points.slice(-4).map(({ atS }) => atS);
  const gaps = latest.slice(1).map((atS, i) => atS - (latest[i] ?? 0));
  const gapS = Math.round(Math.min(...gaps) / 10) * 10;
  return Math.max(resolutionS, Number.isFinite(gapS) ? gapS : 0);
}

/** What a master keeps at most: steps of so many seconds, for so long. */
const levels = [
  [60, "1m for 1w"],
  [300, "5m for 1t"],
  [3600, "1h for 1y"],
] as const;

/** With `graph_data_size normal` a step of 300 s is hard-wired, whatever `update_rate` says. */
function toResolutionLines(stepS: number): readonly string[] {
  if (stepS === usualStepS) {
    return [];
  }
  const coarser = levels.filter(([levelS]) => levelS > stepS).map(([, text]) => text);
  const finest = coarser.length === levels.length ? "1d" : coarser.length === 0 ? "1y" : "1w";
  return [`update_rate ${stepS}`, `graph_data_size custom ${[finest, ...coarser].join(", ")}`];
}

const textCharsMax = 200;

/** One line without the characters that mean something to a master. */
function toText(text: string): string {
  const clean = text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}#\\]+/gu, " ")
    .trim();
  return clean.slice(0, textCharsMax) || "-";
}

/** A plain decimal of at most twelve digits, `U` for what is unknown: RRDs take no exponents. */
function toNumberText(value: number): string {
  if (!Number.isFinite(value)) {
    return "U";
  }
  const rounded = Number(value.toPrecision(12));
  const text = String(rounded);
  return text.includes("e") ? rounded.toFixed(12).replace(/\.?0+$/, "") : text;
}

const nameCharsMax = 80;

/** Gives things legal names that differ; a thing whose legal name is taken gets a digest of its own name behind it. */
export class LegalNames {
  readonly #illegal: RegExp;
  readonly #taken = new Set<string>();

  /** `illegal` matches each character that a name may not have; `root` and the like are never given. */
  constructor(illegal: RegExp, reserved: readonly string[] = []) {
    this.#illegal = illegal;
    reserved.forEach((name) => this.#taken.add(name));
  }

  take(wanted: string): string {
    const replaced = wanted.replaceAll(this.#illegal, "_");
    const legal = /^[A-Za-z_]/.test(replaced) ? replaced : `_${replaced}`;
    let name = legal.length > nameCharsMax ? withDigest(legal, wanted) : legal;
    if (this.#taken.has(name)) {
      name = withDigest(legal, wanted);
    }
    for (let again = 2; this.#taken.has(name); again++) {
      name = withDigest(legal, `${wanted}\0${again}`);
    }
    this.#taken.add(name);
    return name;
  }
}

function withDigest(legal: string, wanted: string): string {
  return `${legal.slice(0, nameCharsMax - 9)}_${hash("sha256", wanted).slice(0, 8)}`;
}

export function createFieldNames(): LegalNames {
  return new LegalNames(/[^A-Za-z0-9_]/g, ["root"]);
}

/** A dot would make the graph a part of another one. */
export function createGraphNames(): LegalNames {
  return new LegalNames(/[^-A-Za-z0-9_]/g, ["multigraph"]);
}
