import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { exampleReport } from "./_example-report.ts";
import { widthOf } from "./render/printable.ts";
import { createInstants } from "./render/quantities.ts";
import { toReportText } from "./to-report-text.ts";

const options = {
  columns: 80,
  hasColors: false,
  instants: createInstants("Europe/Berlin"),
  topMax: 10,
  quantiles: [0.5, 0.99],
};

const golden = String.raw`access.log and 1 more file
Sat 10 Oct 2026 15:00:00 to 15:09:59 Europe/Berlin (9 min 59 s)

    10,000  requests, 16.7/s on average, at most 33.3/s at 15:06
       321  clients
  19.5 MiB  sent, 2 KiB a request
      2.0%  failed (5xx: 200), <0.1% refused (4xx: 3)
     43 ms  median duration; p90 172 ms, p99 688 ms, longest 2.15 s
       200  slow: 2.0% took 500 ms or longer

Requests over time, 1 min a bar
   33.3/s                                      ██████
                             ██████            ██████████████████
                       ████████████            ██████████████████
                 ██████████████████            ████████████████████████
           ████████████████████████            ████████████████████████
      5xx  ████████████████████████            ████████████████████████
      p99  ▁▁▁▁▁▁▁▁▁▁▁▁▂▂▂▂▂▂▃▃▃▃▃▃            ▆▆▆▆▆▆▇▇▇▇▇▇████████████
           15:00                                                  15:09

Status
  status                       requests  share
  200     OK                      9,797  98.0%  █████████████████████████████
  404     Not Found                   3  <0.1%  ▏
  503     Service Unavailable       200   2.0%  ▋

Groups, by time spent
  group             requests   time     p50     p99    4xx   5xx      sent  slow
  /search              3,000   100%  200 ms   3.2 s  <0.1%  2.0%  5.86 MiB    60
  /products/{id}       6,000  69.8%   50 ms  800 ms  <0.1%  2.0%  11.7 MiB   120
  /static/\x1b[31…     1,000  <0.1%  400 µs  6.4 ms   0.1%  2.0%  1.95 MiB    20

Paths
  requests  at most over by  share
     2,500                   25.0%  █████████████  /products/7
     1,200              300  12.0%  ██████▎        /search
         3                   <0.1%  ▏              /static/long/long/long/long/…

Clients
  requests  share
     4,000  40.0%  █████████████  192.0.2.7

Users
  requests  share
         2  <0.1%  █████████████  =cmd|"/C calc"!A0

Referrers
  requests  share
     1,500  15.0%  █████████████  https://例え.example/検索

Agents
  requests  share
     9,000  90.0%  █████████████  <script>alert(1)</script>

Termination states (HAProxy)
  ---- 9,990 (99.9%)   SC-- 10 (0.1%)

  1 repeated connection attempt

Lines
  10,040 lines read: 9,000 parsed, 1,000 parsed without a group, 20 filtered
  out, 4 comments, 15 unparsed, 1 too long
  12 not laid out as the format says (wrong_layout)
  3 no time where one has to be (bad_time)

Files with problems
  old.gz does not exist

The last lines that could not be read
  wrong_layout  access.log: \x16\x03\x01 a TLS hello
  bad_time      access.log: 192.0.2.7 - - [31/Feb/2026] x
`;

test("a report for people, 80 columns wide", () => {
  assert.equal(toReportText(exampleReport, options), golden);
});

test("no line is wider than it may be, and none has a control character of the log", () => {
  for (const columns of [40, 55, 79, 120, 150, 200]) {
    for (const line of toReportText(exampleReport, { ...options, columns }).split("\n")) {
      assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      assert.doesNotMatch(line, /\p{Cc}|\p{Cf}/u);
    }
  }
});

test("colours change nothing but colours", () => {
  for (const columns of [80, 200]) {
    const plain = toReportText(exampleReport, { ...options, columns });
    const colored = toReportText(exampleReport, { ...options, columns, hasColors: true });
    assert.notEqual(colored, plain);
    const bare = stripVTControlCharacters(colored).replaceAll(/ +$/gm, "");
    assert.equal(bare, plain.replaceAll(/ +$/gm, ""));
  }
});

test("nothing parsed is a short report", () => {
  const text = toReportText(
    { ...exampleReport, requests: 0, from: null, to: null, series: null, groups: [] },
    options,
  );
  assert.match(text, /^access\.log and 1 more file\n\n {2}0 {2}requests\n\nLines\n/);
});
