import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { type Key, KeyDecoder } from "../screen/keys.ts";
import type { Row } from "./panel.ts";
import { type TopState, type View, firstState, press, selectedAt } from "./top-state.ts";

const rows: readonly Row[] = ["/a", "/b", "/c", "/d"].map((key) => ({
  key,
  cells: [{ text: key }],
  values: [key],
  where: `target ~ "^${key}"`,
}));
const view: View = {
  rows,
  titles: ["group", "req/s", "", "trend"],
  sort: { title: "req/s", isReversed: false },
  height: 2,
};

function keysOf(text: string): readonly Key[] {
  const decoder = new KeyDecoder();
  return [...decoder.decode(Buffer.from(text)), ...decoder.flush()];
}

function type(text: string, from: TopState = firstState): TopState {
  return keysOf(text).reduce((state, key) => press(state, key, view).state, from);
}

test("rows are moved to by arrows and letters, and no further than there are any", () => {
  assert.equal(type("jj").selected.key, "/c");
  assert.equal(type("jjk\u001b[A\u001b[A").selected.key, "/a");
  assert.equal(type("\u001b[6~").selected.key, "/c");
  assert.equal(type("Gj").selected.key, "/d");
});

test("a marked row stays marked when rows change places, and its place when it is gone", () => {
  const state = type("jj");
  assert.equal(selectedAt(state, rows.toReversed()), 1);
  assert.equal(selectedAt(state, rows.slice(0, 2)), 1);
  assert.equal(selectedAt(state, []), 0);
});

test("panels are chosen by number and in turn", () => {
  assert.equal(type("3").panel, "targets");
  assert.equal(type("0").panel, "log");
  assert.equal(type("\t").panel, "status");
  assert.equal(type("\u001b[Z").panel, "log");
});

test("a group is looked into; of other rows only their lines are counted", () => {
  const inside = type("j\r");
  assert.deepEqual([inside.group, inside.selected.at], ["/b", 0]);
  assert.equal(type("\u001b", inside).group, undefined);
  const filtered = type("3j\r");
  assert.equal(filtered.filter, 'target ~ "^/b"');
  assert.equal(type("\r", filtered).filter, 'target ~ "^/b" and target ~ "^/a"');
  assert.equal(type("c", filtered).filter, "");
});

test("columns that have a name are sorted by in turn", () => {
  assert.deepEqual(type("s").sorts.groups, { title: "group", isReversed: false });
  assert.deepEqual(type("r").sorts.groups, { title: "req/s", isReversed: true });
  assert.deepEqual(type("\rs").sorts, { targets: { title: "group", isReversed: false } });
});

suite("a filter", () => {
  test("is typed, corrected and applied", () => {
    assert.equal(type("/status>=500\r").filter, "status>=500");
    assert.equal(type("/statusX\u007f = 404\r").filter, "status = 404");
    assert.equal(type("/tatus = 404\u0001s\r").filter, "status = 404");
    assert.equal(type("/x y\u0017z\r").prompt?.text, "x z");
    assert.equal(type("/\u0015\r", type("/status=1\r")).filter, "");
  });

  test("that is wrong says where, and is not applied", () => {
    const state = type("/status >\r");
    assert.match(state.prompt?.problem ?? "", /^column 9: /);
    assert.equal(state.filter, "");
    assert.equal(type("5", state).prompt?.problem, undefined);
    assert.equal(type("\u001b", state).prompt, undefined);
  });

  test("may be pasted; pasted text elsewhere does nothing", () => {
    assert.equal(type("/\u001b[200~status\n=\t404\u001b[201~\r").filter, "status = 404");
    assert.deepEqual(type("\u001b[200~3q\u001b[201~"), firstState);
  });
});

function effect(text: string): unknown {
  const keys = keysOf(text);
  const before = keys.slice(0, -1).reduce((s, key) => press(s, key, view).state, firstState);
  return press(before, keys.at(-1) ?? assert.fail(), view).effect;
}

test("q leaves, but not out of a text; ctrl-c always does", () => {
  assert.equal(effect("q"), "quit");
  assert.equal(effect("/q"), undefined);
  assert.equal(effect("?q"), undefined);
  assert.equal(effect("/\u0003"), "quit");
  assert.equal(effect("\u001a"), "suspend");
  assert.equal(effect("\u000c"), "redraw");
});

test("any keys leave a state that can be drawn", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const { prompt, spanAt, selected } = type(text);
      assert.ok(spanAt >= 0 && spanAt < 5);
      assert.ok(selected.at >= 0 && selected.at < rows.length);
      assert.ok(prompt === undefined || (prompt.at >= 0 && prompt.at <= prompt.text.length));
    }),
  );
});
