import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { toOptionsSchema } from "../src/config/to-json-schema.ts";
import { duration, secret, size } from "../src/core/options.ts";
import { http } from "../src/sources/http.ts";
import { optionsTable } from "./docs-options.ts";
import { configurationPage, sourcePage } from "./docs-pages.ts";

test("options in options have rows of their own", () => {
  const options = z.strictObject({
    expect: z
      .strictObject({ body: z.string().describe("a | b"), limit: size().prefault("1 MiB") })
      .prefault({ body: "" })
      .describe("What is up."),
    groups: z.array(z.strictObject({ match: z.string() })).default([]),
    sensors: z.record(z.string(), z.strictObject({ title: z.string().optional() })).optional(),
    wait: duration().default(10_000),
    password: secret(),
  });
  assert.deepEqual(optionsTable(toOptionsSchema(options)).split("\n").slice(2), [
    "| `expect` | object |  | What is up. |",
    "| `expect.body` | string | required | a \\| b |",
    '| `expect.limit` | size | `"1 MiB"` |  |',
    "| `groups` | list of object | `[]` |  |",
    "| `groups[].match` | string | required |  |",
    "| `sensors` | map of object |  |  |",
    "| `sensors.*.title` | string |  |  |",
    '| `wait` | duration | `"10s"` |  |',
    "| `password` | secret | required |  |",
    "",
  ]);
  assert.equal(optionsTable(toOptionsSchema(z.strictObject({}))), "None.\n");
});

test("the page of a check lists what is measured of every check", () => {
  const page = sourcePage(http);
  assert.match(page, /\| `check_unknown_total` \| count \|/);
  assert.equal(page.match(/\| `check_up` \|/g)?.length, 1);
});

test("the page of the configuration has every section, with defaults", () => {
  const page = configurationPage();
  for (const row of [
    '| `journal.age` | duration | `"7d"` |',
    "| `above` | string or number |",
    '| `data` | string | `"./watchpost-data"` |',
    '| `listen` | string | `"127.0.0.1:8080"` |',
    "| `token` | secret |",
    "| `service` | string |",
    "| `metric` | string |",
    "| `log-silent` | The log has had no line for ten minutes. |",
    "| `KiB` | size | 1024 B |",
  ]) {
    assert.ok(page.includes(row), row);
  }
});
