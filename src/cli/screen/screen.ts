import { type Look, encodeLine } from "./encode-line.ts";
import { type Line, noSpans } from "./line.ts";
import type { Tty } from "./tty.ts";

/** Alternate screen, cursor hidden, no wrapping at the right edge, pasted text marked as such. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[2J";
const leave = "\u001b[?2026l\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l";
/** A terminal that knows these shows what stands between them at once; others pass over them. */
const beginUpdate = "\u001b[?2026h";
const endUpdate = "\u001b[?2026l";
const eraseRest = "\u001b[K";

/** Where the cursor is shown; counted from 0. */
export interface CursorPlace {
  readonly row: number;
  readonly column: number;
}

/**
 * The whole of a terminal's screen. What is shown stays in memory, so that only lines that differ are written, in one
 * write. Whatever ends the process, the terminal is as it was before.
 */
export class Screen implements Disposable {
  readonly #tty: Tty;
  readonly #look: Look;
  readonly #onExit: Disposable;
  #isEntered = false;
  #shown: readonly string[] = [];
  #columns = 0;
  #cursor = "";

  constructor(tty: Tty, look: Look) {
    this.#tty = tty;
    this.#look = look;
    this.#onExit = tty.on("exit", () => this.leave());
    this.enter();
  }

  /** Takes the terminal, or takes it again. */
  enter(): void {
    if (!this.#isEntered) {
      this.#isEntered = true;
      this.#tty.setRaw(true);
      this.#tty.write(enter);
      this.forget();
    }
  }

  /** Gives the terminal back. */
  leave(): void {
    if (this.#isEntered) {
      this.#isEntered = false;
      this.#tty.write(leave);
      this.#tty.setRaw(false);
    }
  }

  /** The next `show` writes everything: somebody else may have written on the screen. */
  forget(): void {
    this.#shown = [];
    this.#columns = 0;
  }

  /** From the top; what is below the lines given is empty. Without `cursor` none is shown. */
  show(lines: readonly Line[], cursor?: CursorPlace): void {
    const { columns, rows } = this.#tty;
    if (!this.#isEntered) {
      return;
    }
    const isAnew = this.#shown.length !== rows || this.#columns !== columns;
    const texts = Array.from({ length: rows }, (_, row) => {
      const { text, width } = encodeLine(lines[row] ?? noSpans, columns, this.#look);
      // Behind the last column an erasure would take that column along.
      return width < columns ? text + eraseRest : text;
    });
    const changes = texts.map((text, row) =>
      !isAnew && text === this.#shown[row] ? "" : `\u001b[${row + 1};1H${text}`,
    );
    const place = toCursorText(cursor);
    const written = changes.join("");
    if (written !== "" || place !== this.#cursor) {
      const isTaken = this.#tty.write(`${beginUpdate}${written}${place}${endUpdate}`);
      this.#shown = isTaken ? texts : [];
      this.#columns = columns;
      this.#cursor = place;
    }
  }

  [Symbol.dispose](): void {
    this.leave();
    this.#onExit[Symbol.dispose]();
  }
}

function toCursorText(cursor: CursorPlace | undefined): string {
  return cursor === undefined
    ? "\u001b[?25l"
    : `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`;
}
