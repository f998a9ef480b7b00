import { Document, isMap, isPair, isScalar } from "yaml";
import type { Path } from "./_old-yaml.ts";

/** What somebody who reads the converted file has to know about one entry of it. */
export interface Remark {
  /** Of the entry in our configuration. */
  readonly path: Path;
  readonly text: string;
}

export interface Annotated {
  readonly value: Readonly<Record<string, unknown>>;
  /** At the top of the file, a paragraph each. */
  readonly preface: readonly string[];
  readonly remarks: readonly Remark[];
}

const columnsMax = 100;

/** Our configuration as text, with every remark as a comment above its entry. */
export function toAnnotatedYaml({ value, preface, remarks }: Annotated): string {
  const document = new Document(value);
  const indents = Map.groupBy(remarks, ({ path }) => JSON.stringify(path));
  for (const group of indents.values()) {
    const [{ path } = { path: [] }] = group;
    const comment = group.map(({ text }) => toComment(text, 2 * (path.length - 1))).join("\n");
    const parent: unknown =
      path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find(
          (item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1),
        )
      : undefined;
    if (isScalar(pair?.key)) {
      pair.key.commentBefore = comment;
    }
  }
  document.commentBefore = preface.map((text) => toComment(text, 0)).join("\n\n");
  return document.toString({ lineWidth: columnsMax, flowCollectionPadding: true });
}

/** Wrapped, without the `#`; a line break of a hostile name does not end the comment. */
function toComment(text: string, indent: number): string {
  const width = columnsMax - indent - 2;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ` ${one}`).join("\n");
}
