import assert from "node:assert/strict";
import test from "node:test";
import { parseUserPattern } from "../../core/user-pattern.ts";
import { compilePattern } from "./compile-pattern.ts";
import { Grouping } from "./grouping.ts";
import { type GroupSpec, otherName, ungrouped } from "./log-scanner.ts";
import { toPathTemplate } from "./path-template.ts";

const namesMax = 200;

test("the first rule that gives a name wins", () => {
  const nameOf = createNames({
    rules: [
      { match: "^/api/(?<group>\\w+)/(?<method>\\w+)" },
      { match: "^/api/(?<group>\\w*)" },
      { match: "\\.(?:css|js)$", group: "static" },
      { match: "^/v2/(?P<method>\\w+)", group: "v2" },
      { match: "^/(?<method>\\w+)" },
    ],
  });
  assert.equal(nameOf("/api/cart/add"), "cart/add");
  assert.equal(nameOf("/api/cart"), "cart");
  assert.equal(nameOf("/x/a.css"), "static");
  assert.equal(nameOf("/v2/go"), "v2/go");
  assert.equal(nameOf("/api/"), "api", "a match without a name goes on to the next rule");
  assert.equal(nameOf("/"), ungrouped);
  assert.equal(nameOf(undefined), ungrouped);
});

test("requests are renamed, skipped and cleaned as elfstatsd does", () => {
  const nameOf = createNames({
    rules: [{ match: "^/(?<group>[\\w.-]+)/(?<method>[\\w.-]+)" }],
    renames: [
      { match: "nothing", group: "", method: "" },
      { match: "^/old/", group: "", method: "" },
      { match: "^/old/", group: "new", method: "way" },
    ],
    skip: ["^/health", "^/a/b"],
    deleted: "[.-]",
  });
  assert.equal(nameOf("/a/b"), "a/b", "skip rules are asked for what no rule names");
  assert.equal(nameOf("/health"), "(skipped)");
  assert.equal(nameOf("/old/x"), "new/way");
  assert.equal(nameOf("/v1.2/get-it"), "v12/getit");
  assert.equal(nameOf("/other"), ungrouped);
});

test("the number of groups is bounded, also over a restart", () => {
  const spec = { rules: [{ match: "^/(?<group>\\w+)" }] };
  const grouping = new Grouping(spec, namesMax);
  const nameOf = (target: string): string => grouping.nameOf(grouping.idOf(target));
  for (let number = 0; number < namesMax; number++) {
    assert.equal(nameOf(`/g${number}`), `g${number}`);
  }
  assert.equal(nameOf("/more"), otherName);
  assert.equal(nameOf("/g0"), "g0");
  const again = new Grouping(spec, namesMax, grouping.names);
  assert.equal(again.nameOf(again.idOf("/more")), otherName);
  assert.equal(again.nameOf(again.idOf("/g7")), "g7");
});

test("a rule that gives one of the names in brackets means that group", () => {
  const nameOf = createNames({
    rules: [
      { match: "^/a", group: ungrouped },
      { match: "^/b", group: otherName },
    ],
  });
  assert.equal(nameOf("/a"), ungrouped);
  assert.equal(nameOf("/b"), otherName);
});

test("what varies in a path becomes its kind", () => {
  const templates: readonly (readonly [string, string])[] = [
    ["/", "/"],
    ["/users/123", "/users/{id}"],
    ["/users/123/orders/7?page=2", "/users/{id}/orders/{id}"],
    ["/o/6f1c2b0e-1111-4a2b-8c3d-0123456789ab", "/o/{uuid}"],
    ["/log/2026-11-20", "/log/{date}"],
    ["/blob/deadbeef00", "/blob/{hex}"],
    ["/facade", "/facade"],
    ["/s/eyJhbGciOiJIUzI1NiIsInR5cCI6", "/s/{token}"],
    ["/img/123.jpg", "/img/{id}.jpg"],
    ["/app-3f2a9c1b.js", "/app-{id}.js"],
    ["/u/ann@shop.example", "/u/{email}"],
    ["/v2/items", "/v2/items"],
    ["/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f/…"],
  ];
  for (const [target, template] of templates) {
    assert.equal(toPathTemplate(target), template);
  }
});

test("patterns that may take long are refused, with what to do", () => {
  for (const slow of ["(?=a)", "(a)\\1", "(?:a{20}){20}", "(?!a)b", "(?i:a)"]) {
    assert.match(parseUserPattern(slow).problem ?? "", /linear time; leave out look-around/);
    assert.throws(() => compilePattern(slow), RangeError);
  }
  assert.match(parseUserPattern("(").problem ?? "", /is not a regular expression: /);
});

test("a pattern that ruins a backtracking engine ends at once", () => {
  assert.equal(compilePattern("^(?:a|a)*$|^(?:a*)*b$").test(`${"a".repeat(5000)}!`), false);
});

function createNames(spec: GroupSpec): (target: string | undefined) => string {
  const grouping = new Grouping(spec, namesMax);
  return (target) => grouping.nameOf(grouping.idOf(target));
}
