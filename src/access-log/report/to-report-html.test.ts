import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleReport } from "./_example-report.ts";
import { escapeHtml, markup } from "./render/html.ts";
import { createInstants } from "./render/quantities.ts";
import { toReportHtml } from "./to-report-html.ts";

const options = {
  instants: createInstants("UTC"),
  topMax: 10,
  quantiles: [0.5, 0.99],
  version: "1.2.3",
};
const page = toReportHtml(exampleReport, options);

test("nothing that a client sent is markup", () => {
  assert.doesNotMatch(page, /<script/);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
  assert.doesNotMatch(page, /(?!\n)\p{Cc}|\p{Cf}/u);
  assert.equal(escapeHtml(`<a href="x">&'`), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  assert.equal(
    markup`<b title="${'"><i>'}">${["<"].map((one) => markup`${one}`)}</b>`.html,
    `<b title="&quot;&gt;&lt;i&gt;">&lt;</b>`,
  );
});

test("the page needs nothing else and is small", () => {
  assert.doesNotMatch(page, /<(?:link|img|iframe)|@import|url\(/);
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/);
  assert.ok(page.length < 100_000);
});

test("it has charts, groups, tops, status and lines", () => {
  for (const text of ["<svg", "Requests over time", "Durations over time", "/products/{id}"]) {
    assert.ok(page.includes(text), text);
  }
  for (const text of ["Paths", "Service Unavailable", "parsed without a group", "does not exist"]) {
    assert.ok(page.includes(text), text);
  }
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

test("a report of nothing is a page as well", () => {
  const empty = toReportHtml(
    { ...exampleReport, requests: 0, from: null, to: null, series: null, groups: [] },
    options,
  );
  assert.match(empty, /No requests/);
  assert.doesNotMatch(empty, /<svg|NaN/);
});
