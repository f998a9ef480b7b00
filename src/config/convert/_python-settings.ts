// A Python module of settings, read as data: what stands on the right of `NAME =` at the beginning of a line, as far as
// it is made of literals. Nothing is run.
import { type Token, tokenizePython } from "./_python-tokens.ts";

/** `re.compile(...)`. */
export class OldPattern {
  readonly text: string;
  /** "I", "M", "U" …: one letter for each. */
  readonly flags: string;

  constructor(text: string, flags: string) {
    this.text = text;
    this.flags = flags;
  }
}

/** A name with dots: `logging.INFO`. */
export class OldName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Tuples are lists, dictionaries maps, None is null. */
export type OldValue =
  | string
  | number
  | boolean
  | null
  | OldPattern
  | OldName
  | readonly OldValue[]
  | ReadonlyMap<OldValue, OldValue>;

export interface OldSetting {
  /** Undefined when it is no data; `problem` says why. */
  readonly value: OldValue | undefined;
  readonly problem: string | undefined;
  readonly line: number;
}

export interface OldSettings {
  /** By name; of several, the last. */
  readonly settings: ReadonlyMap<string, OldSetting>;
  /** Lines of statements that are no settings, from 1. */
  readonly passedOver: readonly number[];
  /** The text ends within a string or a bracket, or has characters that Python does not know. */
  readonly problem: { readonly line: number; readonly message: string } | undefined;
}

/** Never throws. */
export function parsePythonSettings(text: string): OldSettings {
  const { tokens, problem } = tokenizePython(text);
  const settings = new Map<string, OldSetting>();
  const passedOver: number[] = [];
  for (const statement of splitStatements(tokens)) {
    const [name, operator] = statement;
    const line = name?.line ?? 1;
    if (name?.kind === "name" && name.isFirst && isAssignment(operator)) {
      settings.set(name.text, readSetting(statement, settings));
    } else if (!isHarmless(statement)) {
      passedOver.push(line);
    }
  }
  return { settings, passedOver, problem };
}

function isAssignment(token: Token | undefined): boolean {
  return token?.kind === "mark" && (token.text === "=" || token.text === "+=");
}

/** Imports, and texts that stand alone. */
function isHarmless(statement: readonly Token[]): boolean {
  const [first] = statement;
  const isImport = first?.kind === "name" && ["import", "from"].includes(first.text);
  return isImport || statement.every(({ kind }) => kind === "text");
}

function* splitStatements(tokens: readonly Token[]): Generator<readonly Token[]> {
  let statement: Token[] = [];
  for (const token of tokens) {
    if (token.kind !== "end") {
      statement.push(token);
    } else if (statement.length > 0) {
      yield statement;
      statement = [];
    }
  }
  if (statement.length > 0) {
    yield statement;
  }
}

function readSetting(
  statement: readonly Token[],
  known: ReadonlyMap<string, OldSetting>,
): OldSetting {
  const [name, operator] = statement;
  const line = name?.line ?? 1;
  const before = operator?.text === "+=" ? known.get(name?.text ?? "")?.value : undefined;
  try {
    const reader = new Reader(statement.slice(2), known);
    const value = reader.readAll();
    return { value: before === undefined ? value : add(before, value), problem: undefined, line };
  } catch (error) {
    if (error instanceof NoData) {
      return { value: undefined, problem: error.message, line };
    }
    throw error;
  }
}

/** Thrown within this file alone. */
class NoData extends Error {}

/** Deeper brackets are nobody's settings. */
const depthMax = 100;

/** A recursive descent over one expression. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #known: ReadonlyMap<string, OldSetting>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], known: ReadonlyMap<string, OldSetting>) {
    this.#tokens = tokens;
    this.#known = known;
  }

  readAll(): OldValue {
    const value = this.#readList(undefined);
    if (this.#at < this.#tokens.length || this.#tokens.length === 0) {
      throw this.#noData();
    }
    return value;
  }

  /** Comma-separated up to `end`; without commas the value itself, as in `(1)`. */
  #readList(end: string | undefined): OldValue {
    const values: OldValue[] = [];
    let isTuple = false;
    const isEnd = (): boolean =>
      this.#at >= this.#tokens.length || (end !== undefined && this.#peek() === end);
    while (!isEnd()) {
      values.push(this.#readSum());
      if (!this.#skip(",")) {
        break;
      }
      isTuple = true;
    }
    const [only] = values;
    return only !== undefined && !isTuple ? only : values;
  }

  #readSum(): OldValue {
    let value = this.#readProduct();
    for (;;) {
      if (this.#skip("+")) {
        value = add(value, this.#readProduct());
      } else if (this.#skip("-")) {
        value = calculate(value, this.#readProduct(), (a, b) => a - b);
      } else {
        return value;
      }
    }
  }

  #readProduct(): OldValue {
    let value = this.#readAtom();
    while (this.#skip("*")) {
      value = calculate(value, this.#readAtom(), (a, b) => a * b);
    }
    return value;
  }

  #readAtom(): OldValue {
    const token = this.#tokens[this.#at++];
    if (token === undefined || this.#depth > depthMax) {
      throw this.#noData();
    }
    switch (token.kind) {
      case "number":
        return token.value;
      case "text":
        return this.#readTexts(token.value);
      case "name":
        return this.#readName(token.text);
      case "mark":
      case "end":
        return this.#readMark(token.text);
    }
  }

  /** Texts that follow one another are one. */
  #readTexts(first: string): string {
    if (/^[a-z]*f/i.test(this.#tokens[this.#at - 1]?.text ?? "")) {
      throw new NoData("is put together from other values, which would have to be run");
    }
    let text = first;
    for (let next = this.#tokens[this.#at]; next?.kind === "text"; next = this.#tokens[this.#at]) {
      text += next.value;
      this.#at++;
    }
    return text;
  }

  #readMark(mark: string): OldValue {
    this.#depth++;
    try {
      switch (mark) {
        case "-":
          return calculate(0, this.#readAtom(), (a, b) => a - b);
        case "+":
          return calculate(0, this.#readAtom(), (a, b) => a + b);
        case "(":
          return this.#closed(")", this.#readList(")"));
        case "[":
          return this.#closed("]", this.#readItems("]"));
        case "{":
          return this.#readBraces();
        default:
          this.#at--;
          throw this.#noData();
      }
    } finally {
      this.#depth--;
    }
  }

  #readItems(end: string): readonly OldValue[] {
    const items: OldValue[] = [];
    while (this.#peek() !== end) {
      items.push(this.#readSum());
      if (!this.#skip(",")) {
        break;
      }
    }
    return items;
  }

  #readBraces(): OldValue {
    const pairs = new Map<OldValue, OldValue>();
    while (this.#peek() !== "}") {
      const key = this.#readSum();
      if (!this.#skip(":")) {
        throw this.#noData();
      }
      pairs.set(key, this.#readSum());
      if (!this.#skip(",")) {
        break;
      }
    }
    return this.#closed("}", pairs);
  }

  #readName(first: string): OldValue {
    let name = first;
    while (this.#skip(".")) {
      const next = this.#tokens[this.#at++];
      name += `.${next?.kind === "name" ? next.text : ""}`;
    }
    switch (name) {
      case "True":
        return true;
      case "False":
        return false;
      case "None":
        return null;
      case "re.compile":
      case "compile":
        return this.#readPattern();
      default:
        return this.#readKnown(name);
    }
  }

  #readKnown(name: string): OldValue {
    const known = this.#known.get(name);
    if (this.#peek() === "(" || (!name.includes(".") && known?.value === undefined)) {
      throw new NoData(`uses \`${name}\`, which would have to be run`);
    }
    return known?.value ?? new OldName(name);
  }

  #readPattern(): OldPattern {
    if (!this.#skip("(")) {
      throw this.#noData();
    }
    const text = this.#readSum();
    let flags = "";
    while (this.#skip(",") || this.#skip("|")) {
      if (this.#peek() === ")") {
        break;
      }
      const token = this.#tokens[this.#at];
      if (token?.kind === "name" && this.#tokens[this.#at + 1]?.text === "=") {
        this.#at += 2;
      }
      const flag = this.#readAtom();
      flags += flag instanceof OldName ? toFlag(flag.name) : flag === 0 ? "" : "?";
    }
    if (typeof text !== "string") {
      throw this.#noData();
    }
    return this.#closed(")", new OldPattern(text, flags));
  }

  #peek(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === "mark" ? token.text : undefined;
  }

  #skip(mark: string): boolean {
    const isThere = this.#peek() === mark;
    this.#at += isThere ? 1 : 0;
    return isThere;
  }

  #closed<Value>(mark: string, value: Value): Value {
    if (!this.#skip(mark)) {
      throw this.#noData();
    }
    return value;
  }

  #noData(): NoData {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    return new NoData(`is not data that can be read: ${JSON.stringify(token?.text ?? "")}`);
  }
}

const flagLetters: Readonly<Record<string, string>> = {
  IGNORECASE: "I",
  MULTILINE: "M",
  DOTALL: "S",
  VERBOSE: "X",
  UNICODE: "U",
  LOCALE: "L",
  ASCII: "A",
};

function toFlag(name: string): string {
  const flag = name.replace(/^re\./, "");
  return flagLetters[flag] ?? (/^[IMSXULA]$/.test(flag) ? flag : "?");
}

function add(left: OldValue, right: OldValue): OldValue {
  if (typeof left === "string" && typeof right === "string") {
    return left + right;
  }
  if (isList(left) && isList(right)) {
    return [...left, ...right];
  }
  return calculate(left, right, (a, b) => a + b);
}

function calculate(
  left: OldValue,
  right: OldValue,
  operate: (left: number, right: number) => number,
): number {
  if (typeof left !== "number" || typeof right !== "number") {
    throw new NoData("calculates with what are no numbers");
  }
  return operate(left, right);
}

export function isList(value: OldValue | undefined): value is readonly OldValue[] {
  return Array.isArray(value);
}
