import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeTty } from "../../../test/fake-tty.ts";
import { span } from "./line.ts";
import { Screen } from "./screen.ts";

const look = { hasColors: true, isAscii: false };
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[2J";
const leave = "\u001b[?2026l\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l";

test("only the lines that changed are written, in one write, as one update", () => {
  const tty = createFakeTty(10, 3);
  using screen = new Screen(tty, look);
  assert.deepEqual(tty.take(), [enter]);
  assert.equal(tty.isRaw, true);
  screen.show([[span("one")], [span("two", "bad")], [span("0123456789")]]);
  assert.deepEqual(tty.take(), [
    "\u001b[?2026h" +
      "\u001b[1;1Hone\u001b[K" +
      "\u001b[2;1H\u001b[31mtwo\u001b[0m\u001b[K" +
      "\u001b[3;1H0123456789" +
      "\u001b[?25l\u001b[?2026l",
  ]);
  screen.show([[span("one")], [span("new")], [span("0123456789")]]);
  assert.deepEqual(tty.take(), ["\u001b[?2026h\u001b[2;1Hnew\u001b[K\u001b[?25l\u001b[?2026l"]);
  screen.show([[span("one")], [span("new")], [span("0123456789")]]);
  assert.deepEqual(tty.take(), []);
});

test("everything is written again after a resize, after somebody else wrote, and after a lost write", () => {
  const tty = createFakeTty(10, 2);
  using screen = new Screen(tty, look);
  const linesWritten = (): number => {
    tty.take();
    screen.show([[span("one")], [span("two")]]);
    return tty.take().join("").split(";1H").length - 1;
  };
  assert.equal(linesWritten(), 2);
  assert.equal(linesWritten(), 0);
  tty.columns = 9;
  assert.equal(linesWritten(), 2);
  tty.rows = 3;
  assert.equal(linesWritten(), 3);
  screen.forget();
  assert.equal(linesWritten(), 3);
  screen.forget();
  tty.isFull = true;
  assert.equal(linesWritten(), 0);
  tty.isFull = false;
  assert.equal(linesWritten(), 3);
});

test("the terminal is given back when it is disposed, when the process exits, and only once", () => {
  for (const end of ["dispose", "exit"] as const) {
    const tty = createFakeTty();
    const screen = new Screen(tty, look);
    tty.take();
    if (end === "exit") {
      tty.emit("exit", undefined);
      assert.deepEqual([tty.take(), tty.isRaw], [[leave], false]);
    }
    screen[Symbol.dispose]();
    assert.deepEqual(tty.take(), end === "exit" ? [] : [leave]);
    assert.deepEqual([tty.isRaw, tty.listeners()], [false, 0]);
    screen.show([[span("too late")]]);
    assert.deepEqual(tty.take(), []);
  }
});

test("it can be taken again, and then is drawn whole", () => {
  const tty = createFakeTty(10, 1);
  using screen = new Screen(tty, look);
  screen.show([[span("one")]]);
  screen.leave();
  assert.equal(tty.take().at(-1), leave);
  screen.enter();
  screen.show([[span("one")]]);
  assert.deepEqual(tty.take()[0], enter);
});

test("a cursor is shown where it is wanted", () => {
  const tty = createFakeTty(10, 2);
  using screen = new Screen(tty, look);
  tty.take();
  screen.show([], { row: 1, column: 4 });
  assert.ok(tty.take().join("").endsWith("\u001b[2;5H\u001b[?25h\u001b[?2026l"));
});
