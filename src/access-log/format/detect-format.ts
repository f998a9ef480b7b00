// Names the format of a log from some of its lines.

import type { FieldName } from "./fields.ts";
import { formatNames, parseFormat } from "./parse-format.ts";
import { createSlowParser } from "./parse-line-slowly.ts";
import { guessTails } from "./_guess-tails.ts";

export interface DetectedFormat {
  /** For `format:` in the configuration: a name, or a text in a server's own language. */
  readonly format: string;
  /** Of the lines that are neither empty nor comments, how many fit: above 0, up to 1. */
  readonly share: number;
  /** What the format's lines say, in the order of its parts. */
  readonly fields: readonly FieldName[];
  /** What was guessed, or cannot be told, as sentences. */
  readonly remarks: readonly string[];
  /** The configuration to paste. */
  readonly sample: string;
}

const detectedMax = 5;
/** A format that none of so many lines fits is not tried on the others, unless no format does better. */
const hopelessAfter = 40;

interface Candidate {
  readonly format: string;
  readonly remarks: readonly string[];
}

/**
 * The formats that lines fit, the likeliest first: by the share that fits, then by how much they
 * tell, then simple ones before special ones. A few hundred lines from the middle of a log are
 * plenty; of W3C logs the first lines are needed too. Empty when nothing fits.
 */
export function detectFormat(lines: readonly (string | Uint8Array)[]): readonly DetectedFormat[] {
  const candidates = [
    ...Object.keys(formatNames).map((format) => ({ format, remarks: [] })),
    ...guessTails(lines.map(toText)),
  ];
  const tried = tryFormats(candidates, lines, hopelessAfter);
  return (tried.length > 0 ? tried : tryFormats(candidates, lines, Infinity))
    .toSorted((a, b) => b.share - a.share || b.fields.length - a.fields.length)
    .slice(0, detectedMax);
}

function toText(line: string | Uint8Array): string {
  return typeof line === "string" ? line : Buffer.from(line).toString("utf8");
}

function tryFormats(
  candidates: readonly Candidate[],
  lines: readonly (string | Uint8Array)[],
  linesMax: number,
): DetectedFormat[] {
  return candidates
    .map((candidate) => tryFormat(candidate, lines, linesMax))
    .filter((found) => found.share > 0);
}

/** `linesMax`: so many may fail before one fits. */
function tryFormat(
  { format: text, remarks: guesses }: Candidate,
  lines: readonly (string | Uint8Array)[],
  linesMax: number,
): DetectedFormat {
  const { format, remarks = [] } = parseFormat(text);
  const fields = new Set<FieldName>();
  let tried = 0;
  let fitting = 0;
  const parser = format === undefined ? undefined : createSlowParser(format);
  for (const line of lines) {
    const outcome = parser?.parse(line) ?? { kind: "comment" };
    if (outcome.kind === "comment" || isEmpty(outcome)) {
      continue;
    }
    tried++;
    if (outcome.kind === "entry" && isTelling(outcome.entry)) {
      fitting++;
      addNames(fields, outcome.entry);
    } else if (fitting === 0 && tried >= linesMax) {
      break;
    }
  }
  return {
    format: text,
    share: tried === 0 ? 0 : fitting / tried,
    fields: [...fields],
    remarks: [...guesses, ...remarks],
    sample: toSample(text),
  };
}

function isEmpty(outcome: { readonly kind: string; readonly reason?: string }): boolean {
  return outcome.reason === "empty_line";
}

/** Any JSON object has some keys: an entry of a log has a time and says something else as well. */
function isTelling(entry: object): boolean {
  return "time" in entry && Object.keys(entry).length >= 3;
}

function addNames(names: Set<FieldName>, entry: object): void {
  for (const name of Object.keys(entry)) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an entry are names
    names.add(name as FieldName);
  }
}

function toSample(format: string): string {
  const isPlain = /^[a-z_-][\w-]*$/.test(format);
  const value = isPlain ? format : `'${format.replaceAll("'", "''")}'`;
  return `sources:\n  web:\n    kind: access-log\n    files: /path/to/access.log\n    format: ${value}\n`;
}
