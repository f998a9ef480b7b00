// People append fields to the well-known formats: durations, forwarded addresses, ids.

import { apacheNicknames } from "./apache-format.ts";
import { nginxCombined } from "./nginx-format.ts";

export interface Guess {
  readonly format: string;
  readonly remarks: readonly string[];
}

const time = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`;
const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
const common = String.raw`\S+ \S+ .*?${time} ${quoted} \d{3} (?:\d+|-)`;
const nginxCommon = nginxCombined.slice(0, nginxCombined.indexOf(' "$http_referer"'));
const vhost = apacheNicknames.vhost_combined;

/** What stands at the start of a line, in the language of nginx and in Apache's. */
const heads = [
  {
    pattern: new RegExp(`^${common} ${quoted} ${quoted}(?= )`),
    nginx: nginxCombined,
    apache: apacheNicknames.combined,
  },
  {
    pattern: new RegExp(`^${common}(?= [^"])`),
    nginx: nginxCommon,
    apache: apacheNicknames.common,
  },
  {
    pattern: new RegExp(String.raw`^\S+:\d+ ${common} ${quoted} ${quoted}(?= |$)`),
    nginx: `$host:$server_port ${nginxCombined}`,
    apache: vhost,
  },
  {
    pattern: new RegExp(
      String.raw`^[^\s:]+ (?=\S+ \S+ \S+ \[)${common} ${quoted} ${quoted}(?= |$)`,
    ),
    nginx: `$host ${nginxCombined}`,
    apache: `%v ${apacheNicknames.combined}`,
  },
] as const;

const tokensMax = 20;

/** Formats for lines that begin as a well-known one and go on, each line with as many words. */
export function guessTails(lines: readonly string[]): readonly Guess[] {
  return heads.flatMap(({ pattern, nginx, apache }) => {
    const tails = lines.flatMap((line) => {
      const head = pattern.exec(line)?.[0];
      return head === undefined ? [] : [line.slice(head.length).match(word) ?? []];
    });
    const count = mostFrequent(tails.map(({ length }) => length));
    const usual = tails.filter(({ length }) => length === count);
    if (count === undefined || count > tokensMax || usual.length * 2 < lines.length) {
      return [];
    }
    const words = Array.from({ length: count }, (_, at) =>
      toWord(usual.map((tail) => tail[at] ?? "")),
    );
    return [toGuess(words, nginx, apache)];
  });
}

const word = new RegExp(String.raw`(?<= )(?:[\w.-]*=?${quoted}|\S+)`, "g");

type Kind = "decimal" | "whole" | "addresses" | "quoted" | "word";

interface Word {
  readonly kind: Kind;
  /** `rt=` in front of every value. */
  readonly label: string;
  /** Its values are in quotes behind the label. */
  readonly isQuoted: boolean;
}

const label = /^[A-Za-z_][\w.-]*=/;

function toWord(values: readonly string[]): Word {
  const own = label.exec(values[0] ?? "")?.[0] ?? "";
  const isLabelled = own !== "" && values.every((value) => value.startsWith(own));
  const bare = isLabelled ? values.map((value) => value.slice(own.length)) : values;
  const isQuoted = bare.every((value) => /^".*"$/.test(value));
  const inner = isQuoted ? bare.map((value) => value.slice(1, -1)) : bare;
  return { kind: kindOf(inner, isQuoted), label: isLabelled ? own : "", isQuoted };
}

function kindOf(values: readonly string[], isQuoted: boolean): Kind {
  const all = (pattern: RegExp): boolean => values.every((value) => pattern.test(value));
  if (all(/^-?$/)) {
    return isQuoted ? "quoted" : "word";
  }
  if (all(/^(?:\d+\.\d+|-)$/)) {
    return "decimal";
  }
  if (all(/^(?:\d+|-)$/)) {
    return "whole";
  }
  const isAddresses = isQuoted && all(/^(?:[\d.]{7,}|[\da-f]*:[\da-f:]+|, |-)*$/);
  return isAddresses ? "addresses" : isQuoted ? "quoted" : "word";
}

/** In nginx's language, or in Apache's when the one whole number there may be a duration. */
function toGuess(words: readonly Word[], nginx: string, apache: string): Guess {
  const kinds = words.map(({ kind }) => kind);
  const isApache =
    !kinds.includes("decimal") && kinds.filter((kind) => kind === "whole").length === 1;
  const decimals = words.filter(({ kind }) => kind === "decimal");
  const directives = words.map((own, at) => {
    const directive = isApache ? toApache(own, at) : toNginx(own, at, decimals.indexOf(own));
    return own.label + (own.isQuoted ? `"${directive}"` : directive);
  });
  return {
    format: [isApache ? apache : nginx, ...directives].join(" "),
    remarks: remarksOn(kinds, isApache),
  };
}

/** What people call these in their formats. */
const nginxByLabel: Readonly<Record<string, string>> = {
  "rt=": "$request_time",
  "request_time=": "$request_time",
  "urt=": "$upstream_response_time",
  "uct=": "$upstream_connect_time",
  "uht=": "$upstream_header_time",
  "us=": "$upstream_status",
  "ua=": "$upstream_addr",
  "cs=": "$upstream_cache_status",
};

function toNginx({ kind, label: own }: Word, at: number, decimalIndex: number): string {
  const named = nginxByLabel[own];
  if (named !== undefined) {
    return named;
  }
  switch (kind) {
    case "decimal":
      return ["$request_time", "$upstream_response_time"][decimalIndex] ?? `$tail_${at + 1}`;
    case "addresses":
      return "$http_x_forwarded_for";
    case "quoted":
    case "whole":
    case "word":
      return `$tail_${at + 1}`;
  }
}

function toApache({ kind }: Word, at: number): string {
  switch (kind) {
    case "whole":
      return "%D";
    case "addresses":
      return "%{X-Forwarded-For}i";
    case "quoted":
    case "decimal":
    case "word":
      return `%{tail_${at + 1}}n`;
  }
}

function remarksOn(kinds: readonly Kind[], isApache: boolean): readonly string[] {
  if (isApache) {
    return [
      "The whole number behind the known fields is taken for a duration in microseconds, as " +
        "Apache's %D; if it is one in milliseconds, write %{ms}T for %D.",
    ];
  }
  return kinds.includes("decimal")
    ? ["The decimals behind the known fields are taken for durations in seconds."]
    : [];
}

function mostFrequent(numbers: readonly number[]): number | undefined {
  const counts = Map.groupBy(numbers, (number) => number);
  const sorted = [...counts].toSorted(([, a], [, b]) => b.length - a.length);
  return sorted[0]?.[0];
}
