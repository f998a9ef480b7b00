import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import { startShopSession } from "../../../test/top-session.ts";
import type { Incident } from "../../rules/incident.ts";
import { toPlainText } from "../screen/encode-line.ts";
import { widthOfLine } from "../screen/line.ts";
import { draw } from "./draw.ts";
import type { Size } from "./head-lines.ts";
import type { Shown } from "./panel.ts";
import { panelNames } from "./panels.ts";
import { toPlainPicture } from "./plain-pictures.ts";
import { type TopState, firstState } from "./top-state.ts";
import { toWindowJson } from "./to-window-json.ts";

const incident: Incident = {
  id: "0123456789abcdef",
  rule: "failing-answers",
  source: "shop",
  service: "shop",
  labels: {},
  metric: "http_requests_total",
  openedAt: Date.parse("2026-10-10T13:54:50Z"),
  value: 3,
  worstValue: 4,
  lastValue: 4,
  condition: "above 2/s",
  summary: "shop: 3 requests/s over 10s, above 2/s",
  backfill: false,
};

function toTexts(state: Partial<TopState>, shown: Shown, size: Size): readonly string[] {
  const { lines } = draw({ ...firstState, ...state }, shown, size);
  return lines.map((line) => toPlainText(line, { isAscii: false }));
}

function golden(name: string): string {
  const file = path.resolve(import.meta.dirname, "../../../test/golden/top", `${name}.txt`);
  return readFileSync(file, "utf8");
}

suite("a busy shop", async () => {
  const nasty =
    '192.0.2.9 - - [10/Oct/2026:13:55:35 +0000] "GET /\u001b[2J日本 HTTP/1.1" 200 1 "-" "-"';
  await using shop = await startShopSession([nasty]);
  const shown: Shown = { ...shop.session.shown(0), incidents: [incident] };
  const small = { columns: 80, rows: 24 };
  const pictures: readonly (readonly [string, Partial<TopState>, Size])[] = [
    ["groups-80x24", { selected: { key: "/search", at: 0 } }, small],
    ["group-80x24", { group: "/products/{id}" }, small],
    ["incidents-80x24", { panel: "incidents", isPaused: true, filter: "status >= 200" }, small],
    ["help-80x24", { isHelpShown: true }, small],
    ["targets-200x60", { panel: "targets" }, { columns: 200, rows: 60 }],
  ];
  for (const [name, state, size] of pictures) {
    test(`looks as it should: ${name}`, () => {
      assert.equal(`${toTexts(state, shown, size).join("\n")}\n`, golden(name));
    });
  }

  test("fits every size of screen, with every panel", () => {
    for (const columns of [1, 2, 20, 79, 139, 140, 300]) {
      for (const rows of [1, 2, 8, 24, 80]) {
        for (const panel of panelNames) {
          const { lines, cursor } = draw({ ...firstState, panel }, shown, { columns, rows });
          assert.equal(lines.length, rows);
          assert.equal(cursor, undefined);
          if (columns > 2) {
            lines.forEach((line) => assert.ok(widthOfLine(line) <= Math.max(columns, 320)));
          }
        }
      }
    }
  });

  test("marks one row, on the page that holds it", () => {
    for (const rows of [10, 12, 24, 60]) {
      const state = { ...firstState, selected: { key: "/api/cart/remove", at: 0 } };
      const { lines } = draw(state, shown, { columns: 80, rows });
      const marked = lines.filter((line) =>
        line.some(({ text, isReversed }) => isReversed === true && !text.startsWith("1 ")),
      );
      assert.equal(marked.length, 1);
      assert.match(toPlainText(marked[0] ?? [], { isAscii: false }), /^ \/api\/cart\/remove /);
    }
  });

  test("shows where a filter is typed, and what is wrong with it", () => {
    const prompt = { text: "status > 日", at: 9, problem: "column 10: is wrong" };
    const { lines, cursor } = draw({ ...firstState, prompt }, shown, { columns: 60, rows: 24 });
    assert.equal(
      toPlainText(lines.at(-1) ?? [], { isAscii: false }),
      " where status > 日   column 10: is wrong",
    );
    assert.deepEqual(cursor, { row: 23, column: 16 });
    const long = { text: "x".repeat(100), at: 100, problem: undefined };
    const far = draw({ ...firstState, prompt: long }, shown, { columns: 60, rows: 24 });
    assert.deepEqual(far.cursor, { row: 23, column: 59 });
  });

  test("is printed as tables where there is no screen", () => {
    const frame = { columns: 100, look: undefined, isAscii: true, spanAt: 0 };
    assert.equal(toPlainPicture(shown, frame), golden("plain"));
  });

  test("says what is wrong with a log before anything else but incidents", () => {
    const problems = new Map([["shop.log", "/var/log/shop.log: no such file; waiting for it"]]);
    const lines = toTexts({}, { ...shown, incidents: [], problems }, small);
    assert.ok(lines.includes(" ▲ /var/log/shop.log: no such file; waiting for it"));
  });
});

test("windows are plain data, one object each", async () => {
  await using shop = await startShopSession();
  const windows: Readonly<Record<string, unknown>>[] = [];
  using life = new DisposableStack();
  const listening = shop.session.onWindow(async (log, observation) => {
    windows.push(toWindowJson(log, observation, [0.75]));
  });
  life.use(listening);
  const line =
    '192.0.2.9 - - [10/Oct/2026:13:55:38 +0000] "GET /a/1 HTTP/1.1" 503 7 "-" "curl/8.14.1" 0.25';
  shop.fake.disk.append("/var/log/shop.log", `${line}\n`);
  await shop.fake.advance(2000);
  const found = windows.find(({ requests }) => requests === 1);
  assert.deepEqual(JSON.parse(JSON.stringify(found)), {
    log: "shop.log",
    from: "2026-10-10T13:55:38.000Z",
    to: "2026-10-10T13:55:39.000Z",
    requests: 1,
    failed: 1,
    refused: 0,
    status: { "503": 1 },
    bytes: 7,
    slow: 0,
    duration: {
      count: 1,
      sum: 0.25,
      min: 0.25,
      max: 0.25,
      p50: 0.25,
      p75: 0.25,
      p90: 0.25,
      p99: 0.25,
    },
    rate: 1,
    clients: 1,
    lines: { parsed: 1, unparsed: 0, too_long: 0 },
    groups: {
      "/a/{id}": {
        requests: 1,
        failed: 1,
        refused: 0,
        status: { "503": 1 },
        bytes: 7,
        slow: 0,
        duration: {
          count: 1,
          sum: 0.25,
          min: 0.25,
          max: 0.25,
          p50: 0.25,
          p75: 0.25,
          p90: 0.25,
          p99: 0.25,
        },
      },
    },
    tops: {
      http_targets: [{ key: "/a/1", count: 1, error: 0 }],
      http_clients_top: [{ key: "192.0.2.9", count: 1, error: 0 }],
      http_bots: [{ key: "curl/8.14.1", count: 1, error: 0 }],
    },
    events: [],
  });
});
