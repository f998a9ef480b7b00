// Which expressions V8's ordinary engine, which backtracks but is twenty times as fast as its linear
// one, may be trusted with: those that it matches in one pass. They are those where the next character alone
// says how to go on, so that nothing is ever tried twice. `^(\S+) \[([^\]]+)\] "([^"]*)"` is one,
// `(.*) (.*)` is none. Whatever is not understood here is none.

/** By character of ASCII and by the places behind them: 1 when it is in the set. */
type CharSet = Uint8Array;

const codes = 128;
/** All characters beyond ASCII: those that are blanks, and the others. */
const beyondBlank = codes;
const beyond = codes + 1;
const textEnd = codes + 2;

/** A part of an expression: what it may begin with, and whether it may be empty. */
interface Piece {
  readonly first: CharSet;
  readonly isNullable: boolean;
  /** What has to be told apart from whatever follows: its last pieces may go on with these. */
  readonly goesOn: CharSet;
}

class NotOnePass extends Error {}

/** Also a hundred times and more: tried at each place of a long text, that takes long as well. */
const unbounded = /(?:^|[^\\])(?:\\\\)*(?:[*+]|\{\d+,\}|\{(?:\d+,)?\d{3,}\})/;
/** Characters, classes, anchors and top-level alternatives: no group, and nothing that repeats. */
const plainAlternatives = /^(?:\\[^\d]|\[\^?(?:\\.|[^\\\]])+\]|[^\\[\]()*+?{}])*$/s;

/**
 * Whether a backtracking engine, too, takes a time that grows no faster than the text when it searches
 * for the expression: each place of the text is tried once, and each try is short or the only one.
 */
export function isQuickSearch(source: string): boolean {
  return (
    plainAlternatives.test(source) ||
    (isOnePass(source) && (source.startsWith("^") || !unbounded.test(source)))
  );
}

/** `source` is an expression that JavaScript accepts without flags. */
export function isOnePass(source: string): boolean {
  try {
    new Reader(source.startsWith("^") ? source.slice(1) : source).readAll();
    return true;
  } catch (error) {
    if (error instanceof NotOnePass) {
      return false;
    }
    throw error;
  }
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  readAll(): void {
    this.#readBranches();
    if (this.#at < this.#source.length) {
      throw new NotOnePass();
    }
  }

  /** Alternatives have to begin differently, and none may be empty. */
  #readBranches(): Piece {
    let all = this.#readSequence();
    while (this.#take("|")) {
      const next = this.#readSequence();
      if (overlap(all.first, next.first) || all.isNullable || next.isNullable) {
        throw new NotOnePass();
      }
      all = {
        first: union(all.first, next.first),
        isNullable: false,
        goesOn: union(all.goesOn, next.goesOn),
      };
    }
    return all;
  }

  #readSequence(): Piece {
    let whole: Piece = { first: empty(), isNullable: true, goesOn: empty() };
    while (this.#at < this.#source.length && !"|)".includes(this.#source.charAt(this.#at))) {
      whole = joined(whole, this.#readQuantified());
    }
    return whole;
  }

  #readQuantified(): Piece {
    const isGroup = this.#source.startsWith("(", this.#at);
    const piece = isGroup ? this.#readGroup() : this.#readChar();
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#source.slice(this.#at))?.[0];
    if (quantifier === undefined) {
      return piece;
    }
    this.#at += quantifier.length;
    this.#take("?");
    if ((isGroup && quantifier !== "?") || piece.isNullable) {
      throw new NotOnePass();
    }
    const [, least = "", comma, most] = /^\{(\d+)(,?)(\d*)\}$/.exec(quantifier) ?? [];
    const isExact = comma === "" || (comma === "," && most === least);
    return {
      first: piece.first,
      isNullable: "*?".includes(quantifier) || Number(least || 1) === 0,
      goesOn: isExact ? piece.goesOn : union(piece.goesOn, piece.first),
    };
  }

  #readGroup(): Piece {
    const opening = /^\((?:\?:|\?<[A-Za-z_$][\w$]*>|(?!\?))/.exec(
      this.#source.slice(this.#at),
    )?.[0];
    if (opening === undefined) {
      throw new NotOnePass();
    }
    this.#at += opening.length;
    const piece = this.#readBranches();
    if (!this.#take(")")) {
      throw new NotOnePass();
    }
    return piece;
  }

  #readChar(): Piece {
    const char = this.#source.charAt(this.#at++);
    if ("^*+?{}".includes(char)) {
      throw new NotOnePass();
    }
    if (char === "$") {
      return { first: only(textEnd), isNullable: false, goesOn: empty() };
    }
    const first = char === "[" ? this.#readClass() : this.#readSet(char);
    return { first, isNullable: false, goesOn: empty() };
  }

  #readSet(char: string): CharSet {
    if (char === ".") {
      return negated(setOf([10, 13]));
    }
    return char === "\\" ? this.#readEscape() : charSet(char);
  }

  #readEscape(): CharSet {
    const letter = this.#source.charAt(this.#at++);
    if (/[dDwWsS]/.test(letter)) {
      const pattern = new RegExp(`\\${letter}`);
      const set = Uint8Array.from({ length: textEnd + 1 }, (_, code) =>
        code < codes && pattern.test(String.fromCharCode(code)) ? 1 : 0,
      );
      set[beyondBlank] = /[DWs]/.test(letter) ? 1 : 0;
      set[beyond] = /[DWS]/.test(letter) ? 1 : 0;
      return set;
    }
    if (letter === "t") {
      return only(9);
    }
    if (/[A-Za-z0-9]/.test(letter)) {
      throw new NotOnePass();
    }
    return charSet(letter);
  }

  #readClass(): CharSet {
    const isNegated = this.#take("^");
    const set = empty();
    while (!this.#take("]")) {
      const [low, single] = this.#readMember();
      if (single !== undefined && this.#isRange()) {
        this.#at++;
        const [, high] = this.#readMember();
        if (high === undefined) {
          throw new NotOnePass();
        }
        set.fill(1, single, high + 1);
      } else {
        for (const [place, isIn] of low.entries()) {
          set[place] = set[place] === 1 || isIn === 1 ? 1 : 0;
        }
      }
    }
    return isNegated ? negated(set) : set;
  }

  #isRange(): boolean {
    return this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
  }

  /** A set, and its place when it is one character. */
  #readMember(): readonly [set: CharSet, single: number | undefined] {
    if (this.#at >= this.#source.length) {
      throw new NotOnePass();
    }
    const char = this.#source.charAt(this.#at++);
    const set = char === "\\" ? this.#readEscape() : charSet(char);
    if (char.charCodeAt(0) >= codes) {
      throw new NotOnePass();
    }
    const isSingle = set.reduce((sum, isIn) => sum + isIn, 0) === 1;
    return [set, isSingle ? set.indexOf(1) : undefined];
  }

  #take(text: string): boolean {
    const isThere = this.#source.startsWith(text, this.#at);
    this.#at += isThere ? text.length : 0;
    return isThere;
  }
}

function joined(left: Piece, right: Piece): Piece {
  if (overlap(left.goesOn, right.first) || (left.isNullable && overlap(left.first, right.first))) {
    throw new NotOnePass();
  }
  return {
    first: left.isNullable ? union(left.first, right.first) : left.first,
    isNullable: left.isNullable && right.isNullable,
    goesOn: right.isNullable ? union(left.goesOn, right.goesOn) : right.goesOn,
  };
}

function charSet(char: string): CharSet {
  const code = char.charCodeAt(0);
  return code < codes ? only(code) : setOf([beyondBlank, beyond]);
}

function empty(): CharSet {
  return new Uint8Array(textEnd + 1);
}

function only(place: number): CharSet {
  return setOf([place]);
}

function setOf(places: readonly number[]): CharSet {
  const set = empty();
  for (const place of places) {
    set[place] = 1;
  }
  return set;
}

/** Characters beyond ASCII may be both in the set and not. */
function negated(set: CharSet): CharSet {
  const all = set.map((isIn) => 1 - isIn);
  all[beyondBlank] = 1;
  all[beyond] = 1;
  all[textEnd] = 0;
  return all;
}

function union(left: CharSet, right: CharSet): CharSet {
  return left.map((isIn, place) => (isIn === 1 || right[place] === 1 ? 1 : 0));
}

function overlap(left: CharSet, right: CharSet): boolean {
  return left.some((isIn, place) => isIn === 1 && right[place] === 1);
}
