import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { OldName, OldPattern, type OldValue, parsePythonSettings } from "./_python-settings.ts";

function valueOf(expression: string): OldValue | undefined {
  return parsePythonSettings(`A = ${expression}\n`).settings.get("A")?.value;
}

test("literals are what Python makes of them", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["1", 1],
    ["-1_000", -1000],
    ["0x1F", 31],
    ["0o17", 15],
    ["0777", 511],
    ["0", 0],
    ["10L", 10],
    ["60 * 5 + 1", 301],
    ["1.5e3", 1500],
    ["True", true],
    ["None", null],
    ["'a' \"b\" r'\\d'", "ab\\d"],
    ["u'\\u00e4\\x41\\n\\q\\'\\101'", "\u00e4A\n\\q'A"],
    ["r'a\\'b'", "a\\'b"],
    ["'''a\nb'''", "a\nb"],
    ["'a' + 'b'", "ab"],
    ["('a')", "a"],
    ["('a',)", ["a"]],
    ["1, 2", [1, 2]],
    ["()", []],
    ["[1, (2, 'x'),] + [3]", [1, [2, "x"], 3]],
    ["[ # note\n  1,\n  2\n]", [1, 2]],
    [
      "{'a': 1, 'b': [2]}",
      new Map<string, unknown>([
        ["a", 1],
        ["b", [2]],
      ]),
    ],
    ["logging.INFO", new OldName("logging.INFO")],
    ["re.compile(r'^/(?P<x>\\w+)')", new OldPattern("^/(?P<x>\\w+)", "")],
    ["re.compile('a', re.I | re.UNICODE)", new OldPattern("a", "IU")],
    ["re.compile('a', flags=re.IGNORECASE)", new OldPattern("a", "I")],
  ];
  for (const [expression, expected] of cases) {
    assert.deepEqual(valueOf(expression), expected, expression);
  }
});

test("what would have to be run is no data, and says so", () => {
  const cases = [
    "os.system('true')",
    "open('/etc/passwd').read()",
    "__import__('os')",
    "f'{x}'",
    "[x for x in y]",
    "lambda: 1",
    "OTHER",
    "1 if True else 2",
    "'a' * 3",
    "2 ** 100",
    "[1",
    "",
    "(".repeat(5000),
  ];
  for (const expression of cases) {
    const { settings, problem } = parsePythonSettings(`A = ${expression}\n`);
    assert.equal(settings.get("A")?.value instanceof Object, false, expression);
    assert.ok(
      (settings.get("A")?.problem ?? problem) !== undefined || expression === "",
      expression,
    );
  }
});

test("settings may use those before them, grow, and be set again; other lines are named", () => {
  const { settings, passedOver } = parsePythonSettings(`# -*- coding: utf-8 -*-
"""Settings."""
import re; from os import path
LOGS = '/var/log/'
FILES = [LOGS + 'a']
FILES += [LOGS + 'b']
N = 1
N = 2
if True:
    N = 3
try:
    from local import *
except ImportError: pass
FILES.append('c')
`);
  assert.deepEqual(settings.get("FILES")?.value, ["/var/log/a", "/var/log/b"]);
  assert.equal(settings.get("N")?.value, 2);
  assert.deepEqual(passedOver, [9, 10, 11, 13, 14]);
});

test("it never throws", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "A = ",
      "(",
      "[",
      "{",
      "}",
      ")",
      "'",
      '"',
      "\\",
      "\n",
      "re.compile(",
      "r'",
      ",",
    ),
    fc.string({ maxLength: 6, unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      parsePythonSettings(pieces.join(""));
    }),
    { numRuns: 500 },
  );
});
