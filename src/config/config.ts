// The validated configuration: what the engine is built from. Times are milliseconds, sizes bytes, paths absolute.
import type { z } from "zod";
import type { Output, Source } from "../core/component.ts";
import type { Secret } from "../core/secret.ts";

/** What the layers above contribute: the kinds of sources and outputs, and the shape of a rule. */
export interface ConfigParts<Rule extends z.ZodObject = z.ZodObject> {
  readonly sources: readonly Source[];
  readonly outputs: readonly Output[];
  /** Options of one rule. `metric` and `source`, where it has them, are checked against the sources. */
  readonly rule: Rule;
  /** Rules by name: what `stock: name` fills in where a rule does not write it. */
  readonly stockRules?: Readonly<Record<string, StockRule>>;
}

export interface StockRule {
  /** When it fires, in one sentence. */
  readonly help: string;
  /** As it would be written. */
  readonly rule: Readonly<Record<string, unknown>>;
}

/** `Rule` is what `parts.rule` yields for one rule. Maps are in the order of the file. */
export interface Config<Rule = Readonly<Record<string, unknown>>> {
  /** The configuration file as it was named by the user. */
  readonly file: string;
  /**
   * The file's folder, absolute. Relative paths in the configuration are relative to it: `data`, `log.file` and the
   * files of secrets are resolved here already; those in a component's options by the file system it is given.
   */
  readonly folder: string;
  readonly node: { readonly name: string };
  readonly log: LogConfig;
  /** The folder for everything that is kept. */
  readonly data: string;
  readonly retention: RetentionConfig;
  readonly server: ServerConfig;
  readonly sources: ReadonlyMap<string, SourceConfig>;
  readonly outputs: ReadonlyMap<string, OutputConfig>;
  readonly rules: ReadonlyMap<string, Rule>;
  /** The whole of it as it would be written, with every default filled in. Holds places of secrets, never values. */
  readonly written: WrittenConfig;
}

/** Watchpost's own log. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly console: boolean;
  readonly file: string | undefined;
}

export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface RetentionConfig {
  /** Whichever is reached first. */
  readonly journal: { readonly ageMs: number; readonly sizeBytes: number };
  /** From the finest to the coarsest. */
  readonly history: readonly HistoryLevel[];
}

/** Points of one width, and how long they are kept. */
export interface HistoryLevel {
  readonly stepMs: number;
  readonly ageMs: number;
}

export interface ServerConfig {
  readonly listen: ListenAddress;
  /** Always set when `listen` can be reached from other machines. */
  readonly token: Secret | undefined;
  /** Host names that requests may name besides the address listened on; in lower case, without port. */
  readonly hosts: readonly string[];
}

export interface ListenAddress {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface SourceConfig {
  readonly id: string;
  /** The name of one of `parts.sources`. */
  readonly kind: string;
  /** Empty when the source belongs to none. */
  readonly service: string;
  /** Interval or window. */
  readonly everyMs: number;
  /** The only outputs that get its batches; undefined: every output. */
  readonly outputs: readonly string[] | undefined;
  /** As the kind's own schema yields them. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface OutputConfig {
  readonly id: string;
  /** The name of one of `parts.outputs`. */
  readonly kind: string;
  /** Metric names that it takes, and among these the ones it leaves out; `*` stands for any characters. */
  readonly only: readonly string[];
  readonly except: readonly string[];
  /** Set on everything that it is given. */
  readonly labels: Readonly<Record<string, string>>;
  /** As the kind's own schema yields them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The sections that are not maps of the user's own ids. */
export const sectionNames = ["node", "log", "data", "retention", "server"] as const;
export type SectionName = (typeof sectionNames)[number];

export const mapNames = ["sources", "outputs", "rules"] as const;
export type MapName = (typeof mapNames)[number];

/** Plain values that YAML and JSON can print. */
export type WrittenConfig = Readonly<
  Record<SectionName, unknown> & Record<MapName, ReadonlyMap<string, unknown>>
>;
