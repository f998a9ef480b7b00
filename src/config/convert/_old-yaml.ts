// YAML as older tools read it: version 1.1, where a key may stand twice and `yes` is true.
import { isNode, parseDocument } from "yaml";

export type Path = readonly (string | number)[];

export interface Place {
  /** From 1, both. */
  readonly line: number;
  readonly column: number;
}

export interface OldYaml {
  readonly value: unknown;
  readonly problems: readonly (Place & { readonly message: string })[];
  /** Of what is absent, where the nearest thing around it stands. */
  locate(path: Path): Place;
}

const aliasedValuesMax = 1_000;

/** Never throws. A tag such as `!!python/object` is a problem: nothing of it is run. */
export function parseOldYaml(text: string): OldYaml {
  const document = parseDocument(text, {
    version: "1.1",
    uniqueKeys: false,
    merge: true,
    prettyErrors: false,
    logLevel: "error",
  });
  const problems = [...document.errors, ...document.warnings].map(({ message, pos: [offset] }) => ({
    ...toPlace(text, offset),
    message: `is not YAML that can be taken: ${message.split("\n", 1)[0] ?? ""}`,
  }));
  let value: unknown;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: aliasedValuesMax });
    } catch {
      const message = "its aliases stand for too many values, or lead nowhere";
      problems.push({ line: 1, column: 1, message });
    }
  }
  return {
    value,
    problems,
    locate(path) {
      for (let length = path.length; length > 0; length--) {
        const node: unknown = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) {
          return toPlace(text, node.range[0]);
        }
      }
      return { line: 1, column: 1 };
    },
  };
}

function toPlace(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
