// The exact lines that users see, mistake by mistake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./parse-config.ts";
import { toProblemText } from "./problem.ts";
import { sampleParts } from "./_sample-parts.ts";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "unknown sections",
    `nod: {}
source: {}
foo: 1
`,
    [
      "w.yml:1:1 nod: is not known here; did you mean `node`?",
      "w.yml:2:1 source: is not known here; did you mean `sources`?",
      "w.yml:3:1 foo: is not known here; known are `data`, `log`, `node`, `outputs`, `retention`, `rules`, `server` and `sources`",
    ],
  ],
  [
    "sections of the wrong type",
    `node: hub-1
log: []
data: 5
retention: yes
`,
    [
      "w.yml:1:7 node: must be keys with values, not text; write each as `key: value`, indented below it",
      "w.yml:2:6 log: must be keys with values, not a list; write each as `key: value`, indented below it",
      "w.yml:3:7 data: must be text, not a number; put it in quotes",
      "w.yml:4:12 retention: must be keys with values, not text; write each as `key: value`, indented below it",
    ],
  ],
  [
    "the log",
    `log: { level: warning, console: on, file: '' }
`,
    [
      "w.yml:1:15 log.level: must be `trace`, `debug`, `info`, `warn` or `error`; did you mean `warn`?",
      "w.yml:1:33 log.console: must be true or false, not text",
      "w.yml:1:43 log.file: is empty; write something, or leave the key out",
    ],
  ],
  [
    "an empty value",
    `log: { level: }
`,
    ["w.yml:1:8 log.level: is empty; write a value after `:` (The least important lines to write)"],
  ],
  [
    "retention without units",
    `retention: { journal: { age: 10, size: 5 }, history: { 10s: 60d, 5m: 1d } }
`,
    [
      "w.yml:1:30 retention.journal.age: has no unit; write 10ms, 10s, 10m, 10h or 10d",
      "w.yml:1:40 retention.journal.size: has no unit; write 5 KiB, 5 MiB or 5 GiB",
      "w.yml:1:45 retention.history.1m: is shorter than that of 10s; keep the coarser points at least as long",
      "w.yml:1:66 retention.history.5m: is not known here; did you mean `1m`?",
    ],
  ],
  [
    "retention out of bounds",
    `retention: { journal: { size: 1 kB, age: 0s } }
`,
    [
      "w.yml:1:31 retention.journal.size: is too small to work with; write at least 1 MiB",
      "w.yml:1:42 retention.journal.age: is nothing; write at least 1m",
    ],
  ],
  [
    "a port alone",
    `server: { listen: 8080 }
`,
    [
      "w.yml:1:19 server.listen: is not an address and a port; write one such as 127.0.0.1:8080 or '[::1]:8080'",
    ],
  ],
  [
    "a listener for everyone without a token",
    `server:
  listen: 0.0.0.0:8080
`,
    [
      "w.yml:2:11 server.listen: lets other machines in, and no token is set; add `token: { env: WATCHPOST_TOKEN }` below `server`, or listen on 127.0.0.1",
    ],
  ],
  [
    "a name that may lead anywhere, without a token",
    `server: { listen: 'hub.example:8080' }
`,
    [
      "w.yml:1:19 server.listen: lets other machines in, and no token is set; add `token: { env: WATCHPOST_TOKEN }` below `server`, or listen on 127.0.0.1",
    ],
  ],
  [
    "a token in the file",
    `server: { listen: '[::1]:8080', token: abc }
`,
    [
      "w.yml:1:40 server.token: is not a secret; keep the value out of this file and write { env: NAME } or { file: PATH }",
    ],
  ],
  [
    "host names",
    `server: { hosts: ['https://a', 5] }
`,
    [
      "w.yml:1:19 server.hosts[0]: is not a host name; write the name alone, such as watchpost.example.org, without scheme and port",
      "w.yml:1:32 server.hosts[1]: must be text, not a number; put it in quotes",
    ],
  ],
  [
    "an empty source",
    `sources:
  home:
`,
    ["w.yml:2:3 sources.home: is empty; write `kind:` and what else it needs below it, indented"],
  ],
  [
    "sources as a list",
    `sources: [a]
`,
    [
      "w.yml:1:10 sources: must be keys with values, not a list; write each as `key: value`, indented below it",
    ],
  ],
  [
    "a source as text",
    `sources: { home: http }
`,
    [
      "w.yml:1:18 sources.home: must be keys with values, not text; write each as `key: value`, indented below it",
    ],
  ],
  [
    "no kind",
    `sources:
  home:
    url: https://a.example/
`,
    ["w.yml:2:3 sources.home.kind: is missing; add `kind:` (What observes: http, access-log)"],
  ],
  [
    "a wrong kind and a duration without unit",
    `sources:
  home:
    kind: htp
    every: 10
`,
    [
      "w.yml:3:11 sources.home.kind: must be `http` or `access-log`; did you mean `http`?",
      "w.yml:4:12 sources.home.every: has no unit; write 10ms, 10s, 10m, 10h or 10d",
    ],
  ],
  [
    "a missing key",
    `sources:
  home:
    kind: http
    service: shop
`,
    ["w.yml:2:3 sources.home.url: is missing; add `url:` (Address that is requested)"],
  ],
  [
    "unknown options",
    `sources:
  log:
    kind: access-log
    files: [/a]
    formta: combined
    url: x
`,
    [
      "w.yml:2:3 sources.log.format: is missing; add `format:` (Format of a line)",
      "w.yml:5:5 sources.log.formta: is not an option of kind `access-log`; did you mean `format`?",
      "w.yml:6:5 sources.log.url: is not an option of kind `access-log`; known are `every`, `files`, `format`, `from`, `groups`, `kind`, `outputs`, `service` and `weights`",
    ],
  ],
  [
    "ids",
    `sources:
  a b: { kind: http, url: https://a/ }
  watchpost: { kind: http, url: https://a/ }
`,
    [
      'w.yml:2:3 sources["a b"]: is not a usable id; write up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or a digit',
      "w.yml:3:3 sources.watchpost: is the id under which a node reports on itself; choose another",
    ],
  ],
  [
    "every kind of wrong value",
    `sources:
  home:
    kind: http
    url: shop.example
    method: FETCH
    timeout: 5 sec
    username: 5
    password: hunter2
    follow: 'no'
    expect:
      status: [200, 99, 1.5, {}]
      body: ''
      limit: 5
      bodyy: x
`,
    [
      "w.yml:4:10 sources.home.url: is not a URL; write one such as https://shop.example/",
      "w.yml:5:13 sources.home.method: must be `GET`, `HEAD` or `POST`",
      "w.yml:6:14 sources.home.timeout: is not a duration; write a number and its unit, such as 10s, 5m or 1h30m",
      "w.yml:7:15 sources.home.username: must be text, not a number; put it in quotes",
      "w.yml:8:15 sources.home.password: is not a secret; keep the value out of this file and write { env: NAME } or { file: PATH }",
      "w.yml:9:13 sources.home.follow: must be true or false, not text",
      "w.yml:11:21 sources.home.expect.status[1]: must be at least 100",
      "w.yml:11:25 sources.home.expect.status[2]: must be a whole number or text",
      "w.yml:11:30 sources.home.expect.status[3]: must be a number or text, not keys with values",
      "w.yml:12:13 sources.home.expect.body: is empty; write something, or leave the key out",
      "w.yml:13:14 sources.home.expect.limit: has no unit; write 5 KiB, 5 MiB or 5 GiB",
      "w.yml:14:7 sources.home.expect.bodyy: is not known here; did you mean `body`?",
    ],
  ],
  [
    "no branch of a union",
    `sources:
  home: { kind: http, url: https://a.example/, expect: { status: true } }
`,
    ["w.yml:2:66 sources.home.expect.status: must be a number, text or a list, not true or false"],
  ],
  [
    "lists, maps and choices",
    `sources:
  log:
    kind: access-log
    files: { a: 1 }
    format: x
    groups: { match: a }
    weights: { a: '5', b: -1 }
    from: { at: strt }
`,
    [
      "w.yml:4:12 sources.log.files: must be text or a list, not keys with values",
      "w.yml:6:13 sources.log.groups: must be a list, not keys with values; write [a, b], or one a line with a dash before it",
      "w.yml:7:19 sources.log.weights.a: must be a number, not text; write it without quotes",
      "w.yml:7:27 sources.log.weights.b: must be at least 0",
      "w.yml:8:17 sources.log.from.at: must be `end` or `start`; did you mean `start`?",
    ],
  ],
  [
    "mistakes inside of lists",
    `sources:
  log:
    kind: access-log
    files:
    format: x
    groups: [{ match: 5, nmae: x }, a]
    from: { at: start }
`,
    [
      "w.yml:4:5 sources.log.files: is empty; write a value after `:` (Files to read)",
      "w.yml:6:23 sources.log.groups[0].match: must be text, not a number; put it in quotes",
      "w.yml:6:26 sources.log.groups[0].nmae: is not known here; did you mean `name`?",
      "w.yml:6:37 sources.log.groups[1]: must be keys with values, not text; write each as `key: value`, indented below it",
      "w.yml:7:5 sources.log.from.lines: is missing; add `lines:`",
    ],
  ],
  [
    "a choice without its key",
    `sources:
  log: { kind: access-log, files: a, format: b, from: { lines: 1 } }
`,
    ["w.yml:2:49 sources.log.from.at: is missing; it must be `end` or `start`"],
  ],
  [
    "a merged mistake, where it stands",
    `sources:
  a: &a { kind: http, url: nope }
  b: { <<: *a, every: 5 }
`,
    [
      "w.yml:2:28 sources.a.url: is not a URL; write one such as https://shop.example/",
      "w.yml:2:28 sources.b.url: is not a URL; write one such as https://shop.example/",
      "w.yml:3:23 sources.b.every: has no unit; write 5s, 5m, 5h or 5d",
    ],
  ],
  [
    "an interval out of bounds",
    `sources:
  home: { kind: http, url: https://a.example/, every: 1ms }
`,
    ["w.yml:2:55 sources.home.every: is out of range; write 100ms to 7d"],
  ],
  [
    "an output",
    `outputs:
  g:
    kind: gelf
    host: a
    port: 70000
    only: []
    except: 'a b'
    labels: { 1a: x, b: 5 }
    keys: [{ env: A }, secret]
`,
    [
      "w.yml:5:11 outputs.g.port: must be at most 65535",
      "w.yml:6:11 outputs.g.only: is empty; name at least one metric, or leave the key out",
      "w.yml:7:13 outputs.g.except: is not a metric name; write one such as http_*",
      "w.yml:8:15 outputs.g.labels.1a: is not a label name; write letters, digits and `_`, and no digit first",
      "w.yml:8:25 outputs.g.labels.b: must be text, not a number; put it in quotes",
      "w.yml:9:24 outputs.g.keys[1]: is not a secret; keep the value out of this file and write { env: NAME } or { file: PATH }",
    ],
  ],
  [
    "an option of another output",
    `outputs:
  g: { kind: stdout, host: a }
`,
    [
      "w.yml:2:22 outputs.g.host: is not an option of kind `stdout`; known are `except`, `kind`, `labels` and `only`",
    ],
  ],
  [
    "entries that are not indented",
    `sources:
shop:
  kind: access-log
outputs:
screen:
  kind: stdout
rules:
busy:
  metric: http_requests_total
sorces:
  a: { kind: http }
`,
    [
      "w.yml:2:1 shop: is not known here; indent it below `sources`",
      "w.yml:5:1 screen: is not known here; indent it below `outputs`",
      "w.yml:8:1 busy: is not known here; indent it below `rules`",
      "w.yml:10:1 sorces: is not known here; did you mean `sources`?",
    ],
  ],
  [
    "paths that only a shell would understand",
    `data: ~/watchpost
log: { file: $HOME/watchpost.log }
server: { token: { file: ~/token } }
`,
    [
      "w.yml:1:7 data: is taken as it is written: ~ and $HOME mean nothing here; write the whole path",
      "w.yml:2:14 log.file: is taken as it is written: ~ and $HOME mean nothing here; write the whole path",
      "w.yml:3:26 server.token.file: is taken as it is written: ~ and $HOME mean nothing here; write the whole path",
    ],
  ],
  [
    "rules themselves",
    `sources:
  home: { kind: http, url: https://a.example/ }
rules:
  a: { abov: 3 }
  b: 5
  c: { metric: check_up }
`,
    [
      "w.yml:4:3 rules.a.metric: is missing; add `metric:` (Metric to judge)",
      "w.yml:4:8 rules.a.abov: is not an option of a rule; did you mean `above`?",
      "w.yml:5:6 rules.b: must be keys with values, not a number; write each as `key: value`, indented below it",
      "w.yml:6:6 rules.c: has no threshold; write either above or below",
    ],
  ],
];

for (const [title, text, lines] of cases) {
  test(title, () => {
    const parsed = parseConfig({ text, file: "w.yml", parts: sampleParts, hostName: "box" });
    assert.deepEqual(parsed.problems.map(toProblemText), lines);
    assert.equal(parsed.config, undefined);
  });
}
