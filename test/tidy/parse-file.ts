import path from "node:path";
import { parseSync, Visitor } from "vite";

/** One import of another file of the project, whichever of the language's ways it is written in. */
export interface Import {
  /** Relative to the root of the project: "src/core/clock.ts". */
  readonly target: string;
  /** `new URL(…, import.meta.url)`: the only way that the type checker does not resolve. */
  readonly isUrl: boolean;
}

export interface Parsed {
  readonly imports: readonly Import[];
  /** Uses of `process.exit`, `process.env` and the like, as written. */
  readonly processUses: readonly string[];
}

const processMembers = new Set(["exit", "env", "argv"]);

/**
 * Parses a TypeScript file for what it depends on: static, dynamic and type imports, re-exports, `import("…")` types
 * and the URLs of workers. Comments do not count. Throws when the text does not parse.
 */
export function parseFile(file: string, text: string): Parsed {
  const imports: Import[] = [];
  const processUses: string[] = [];
  const add = (specifier: unknown, isUrl = false): void => {
    if (typeof specifier === "string" && /^\.{1,2}\//.test(specifier)) {
      imports.push({ target: path.posix.join(path.posix.dirname(file), specifier), isUrl });
    }
  };
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) {
    throw new SyntaxError(`${file}: ${errors[0].message}`);
  }
  new Visitor({
    ImportDeclaration(node) {
      add(node.source.value);
      if (/^(node:)?process$/.test(node.source.value)) {
        processUses.push(`import from "${node.source.value}"`);
      }
    },
    ExportAllDeclaration: (node) => add(node.source.value),
    ExportNamedDeclaration: (node) => add(node.source?.value),
    ImportExpression: (node) => add(toSpecifier(node.source)),
    TSImportType: (node) => add(node.source.value),
    NewExpression(node) {
      const [url, base] = node.arguments;
      const isOfThisFile = base && text.slice(base.start, base.end) === "import.meta.url";
      if (isNamed(node.callee, "URL") && isOfThisFile) {
        const specifier = toSpecifier(url);
        add(specifier !== undefined && /\.[jt]s$/.test(specifier) ? specifier : undefined, true);
      }
    },
    MemberExpression(node) {
      const { object, property } = node;
      const name = property.type === "Identifier" ? property.name : "";
      if (isNamed(object, "process") && processMembers.has(name)) {
        processUses.push(`process.${name}`);
      }
    },
  }).visit(program);
  return { imports, processUses };
}

interface Node {
  readonly type: string;
}

/** A literal's text; of a template such as `./x${…}`, whose tail chooses the extension, "./x.ts". */
function toSpecifier(node: Node | undefined): string | undefined {
  if (node?.type === "Literal" && "value" in node && typeof node.value === "string") {
    return node.value;
  }
  if (node?.type === "TemplateLiteral" && "quasis" in node && Array.isArray(node.quasis)) {
    const texts: string[] = node.quasis.map(({ value }) => String(value.cooked));
    return texts.length === 1 ? texts[0] : `${texts[0]}.ts`;
  }
  return undefined;
}

function isNamed(node: Node, name: string): boolean {
  return node.type === "Identifier" && "name" in node && node.name === name;
}
