// From the bytes of a keyboard to keys. Sequences as xterm and the Linux console send them.

/** A name such as `up` or `ctrl-c`, or one character that was typed, or a text that was pasted. */
export type Key =
  | { readonly kind: "named"; readonly name: KeyName }
  | { readonly kind: "text"; readonly text: string; readonly isPasted: boolean };

export type KeyName =
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "page-up"
  | "page-down"
  | "delete"
  | "backspace"
  | "enter"
  | "escape"
  | "tab"
  | "shift-tab"
  | `ctrl-${string}`;

/** By what stands behind `ESC [` or `ESC O`, without modifiers. */
const sequences: Readonly<Record<string, KeyName>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  H: "home",
  F: "end",
  M: "enter",
  Z: "shift-tab",
  "1~": "home",
  "3~": "delete",
  "4~": "end",
  "5~": "page-up",
  "6~": "page-down",
  "7~": "home",
  "8~": "end",
};

const controls: Readonly<Record<string, KeyName>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\b": "backspace",
  "\u007f": "backspace",
};

const pasteStart = "200~";
const pasteEnd = "\u001b[201~";
/** Of a pasted text, and of a sequence that does not end. */
const pendingCharsMax = 64 * 1024;

/** Reads that cut a sequence or a character in two give the same keys as reads that do not. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder("utf-8");
  #pending = "";
  /** Within a pasted text that is too long: what is left of it must not be taken for keys. */
  #isSkipping = false;

  /** What was read may be the beginning of a sequence, or the Escape key: `flush` after a moment tells. */
  get isPending(): boolean {
    return this.#pending !== "";
  }

  decode(bytes: Uint8Array): Key[] {
    this.#pending += this.#decoder.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#pending !== "") {
      if (this.#isSkipping && !this.#skipPaste()) {
        break;
      }
      const taken = takeKey(this.#pending);
      if (taken === undefined && this.#pending.length < pendingCharsMax) {
        break;
      }
      if (taken === undefined && this.#isInPaste) {
        this.#isSkipping = true;
        continue;
      }
      this.#pending = this.#pending.slice(taken?.length ?? this.#pending.length);
      keys.push(...(taken?.keys ?? []));
    }
    return keys;
  }

  /** Nothing more comes for what is pending: an escape character alone is the key of that name. */
  flush(): Key[] {
    const isEscape = this.#pending === "\u001b" || this.#pending === "\u001b\u001b";
    if (this.#isInPaste || this.#isSkipping) {
      return [];
    }
    this.#pending = "";
    return isEscape ? [named("escape")] : [];
  }

  get #isInPaste(): boolean {
    return this.#pending.startsWith(`\u001b[${pasteStart}`);
  }

  /** False while its end has not come. */
  #skipPaste(): boolean {
    const end = this.#pending.indexOf(pasteEnd);
    // What may be the beginning of its end is kept.
    const from = end < 0 ? 1 - pasteEnd.length : end + pasteEnd.length;
    this.#pending = this.#pending.slice(from);
    this.#isSkipping = end < 0;
    return end >= 0;
  }
}

/** ECMA-48, 5.4: parameters, intermediate bytes, one final byte. */
// oxlint-disable-next-line no-control-regex -- a sequence begins with the escape character
const sequencePattern = /^\u001b(\[|O)([0-?]*)[ -/]*([@-~])?/;

interface Taken {
  readonly keys: readonly Key[];
  readonly length: number;
}

/** Undefined when more has to come first. */
function takeKey(text: string): Taken | undefined {
  const [char = ""] = text;
  if (char === "\u001b") {
    return takeSequence(text);
  }
  const control = controls[char] ?? toControl(char);
  const key: Key =
    control === undefined ? { kind: "text", text: char, isPasted: false } : named(control);
  return { keys: [key], length: char.length };
}

function takeSequence(text: string): Taken | undefined {
  if (text.length === 1 || text === "\u001b[" || text === "\u001bO") {
    return undefined;
  }
  const [whole = "", , parameters = "", final = ""] = sequencePattern.exec(text) ?? [];
  if (whole === "") {
    // Alt and a key, or Escape and then one: as if both had been pressed.
    return { keys: [named("escape")], length: 1 };
  }
  if (final === "") {
    // A byte that can be no part of a sequence ends it; whoever sent it meant something else.
    return whole.length === text.length ? undefined : { keys: [], length: whole.length };
  }
  if (parameters + final === pasteStart) {
    return takePaste(text, whole.length);
  }
  const [first = ""] = parameters.split(";");
  const name = sequences[final === "~" ? `${first}~` : final];
  return { keys: name === undefined ? [] : [named(name)], length: whole.length };
}

function takePaste(text: string, start: number): Taken | undefined {
  const end = text.indexOf(pasteEnd, start);
  if (end < 0) {
    return undefined;
  }
  const pasted = text.slice(start, end);
  return {
    keys: [{ kind: "text", text: pasted, isPasted: true }],
    length: end + pasteEnd.length,
  };
}

function toControl(char: string): KeyName | undefined {
  const code = char.charCodeAt(0);
  return code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : undefined;
}

function named(name: KeyName): Key {
  return { kind: "named", name };
}
