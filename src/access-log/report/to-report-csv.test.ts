import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleReport } from "./_example-report.ts";
import { toReportCsv } from "./to-report-csv.ts";

const lines = toReportCsv(exampleReport, [0.5, 0.99]).split("\r\n");

test("the table of a report", () => {
  assert.equal(
    lines[0],
    "section,name,requests,error,bytes,slow,1xx,2xx,3xx,4xx,5xx,none,p50,p99,max",
  );
  assert.equal(lines[1], "total,all,10000,,20480000,200,,9797,,3,200,,0.043,0.688,2.15");
  assert.ok(lines.includes("status,503,200,,,,,,,,,,,,"));
  assert.ok(lines.includes("group,/search,3000,,6144000,60,,2939,,1,60,,0.2,3.2,10"));
  assert.ok(lines.includes("targets,/search,1200,300,,,,,,,,,,,"));
  assert.ok(lines.includes("time,2026-10-10T13:01:00.000Z,800,,1638400,,,798,,1,1,,0.02,0.1,"));
  assert.equal(lines.at(-1), "");
});

test("every row has every column", () => {
  for (const line of lines.slice(0, -1)) {
    const bare = line.replaceAll(/"(?:[^"]|"")*"/g, "");
    assert.equal(bare.split(",").length, 15, line);
  }
});

test("a name that a spreadsheet would run is a text", () => {
  assert.ok(lines.some((line) => line.startsWith(`users,"'=cmd|""/C calc""!A0",2`)));
});
