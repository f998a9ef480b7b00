import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./_nearest.ts";

test("nearest finds what was meant, and nothing where nothing is near", () => {
  const keys = ["format", "files", "every", "http_requests_total", "http_paths", "url"];
  for (const [word, expected] of [
    ["formta", "format"],
    ["fromat", "format"],
    ["file", "files"],
    ["EVERY", "every"],
    ["http_requests", "http_requests_total"],
    ["http_path", "http_paths"],
    ["uri", "url"],
    ["uir", undefined],
    ["something", undefined],
    ["", undefined],
    ["f".repeat(1_000_000), undefined],
  ] as const) {
    assert.equal(nearest(word, keys), expected, word.slice(0, 20));
  }
});
