import assert from "node:assert/strict";
import test from "node:test";
import { parts } from "../../engine/parts.ts";
import { parseConfig } from "../parse-config.ts";
import { ConfigError, toProblemText } from "../problem.ts";
import { convertElfstatsd } from "./elfstatsd.ts";

/** As the old documentation shows it, with a log for each way in which it may be written. */
const documented = String.raw`# -*- coding: utf-8 -*-
import re
import logging

ELF_FORMAT = r'%h %l %u %t \"%r\" %>s %B \"%{Referer}i\" \"%{User-Agent}i\" %{JK_LB_FIRST_NAME}n %{JK_LB_LAST_NAME}n %{JK_LB_LAST_STATE}n %I %O %D'

INTERVAL = 300
STALLED_CALL_THRESHOLD = 100000
DATA_FILES = [
    ('/var/log/httpd/access.log', '/var/log/httpd/access.log.1', '/tmp/elfstats-shop.data'),
    ('/var/log/tomcat/%Y-%m-%d.log', '', 'elfstats.d/api'),
]
VALID_REQUESTS = [
    re.compile(r'^/(?P<group>[\w.]+)/(?P<method>[\w.]+)/[/?%&]?'),
    re.compile(r'^/(?P<method>[\w.]+)/[/?%&]?', re.I),
    re.compile('nothing'),
]
REQUESTS_TO_SKIP = [re.compile(r'^/ping'), re.compile(r'\.(png|css)$')]
REQUESTS_AGGREGATION = [
    ('users', 'get', re.compile(r'/user/\d+')),
    ('', '', re.compile('x')),
    ('static', '', re.compile(r'^/static')),
    (None, 'm', re.compile('y')),
]
PATTERNS_TO_EXTRACT = [
    {'name': 'uid', 'patterns': [re.compile(r'uid=(?P<pattern>\w+)')]},
    {'name': 'none'},
]
FORBIDDEN_SYMBOLS = re.compile(r'[.-]')
RESPONSE_CODES = [200, 404, 500]
LATENCY_IN_MILLISECONDS = False
LATENCY_PERCENTILES = [99, 50, '75', 12.5, 101, 90]
DAEMON_PID_DIR = '/var/run/elfstatsd'
MAX_LOG_FILES = 5
LOGGING_LEVEL = logging.WARNING
MINE = 1
if MINE: print("never")
`;

function configOf(text: string) {
  const { config, problems } = parseConfig({ text, file: "w.yml", parts, hostName: "test" });
  assert.deepEqual(problems.map(toProblemText), []);
  assert.ok(config);
  return config;
}

function problemsOf(text: string): readonly string[] {
  try {
    convertElfstatsd(text, "settings.py");
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n");
  }
  return [];
}

test("the documented settings become a sound configuration of the same meaning", () => {
  const text = convertElfstatsd(documented, "settings.py");
  const config = configOf(text);
  assert.equal(config.log.level, "warn");
  const shared = {
    format:
      String.raw`apache: %h %l %u %t \"%r\" %>s %B \"%{Referer}i\" \"%{User-Agent}i\" ` +
      "%{JK_LB_FIRST_NAME}n %{JK_LB_LAST_NAME}n %{JK_LB_LAST_STATE}n %I %O %D",
    slow: 100_000,
    groups: [
      { match: String.raw`^/(?<group>[\w.]+)/(?<method>[\w.]+)/[/?%&]?` },
      { match: String.raw`^/(?<method>[\w.]+)/[/?%&]?`, group: "nogroup" },
    ],
    renames: [
      { match: String.raw`/user/\d+`, group: "users", method: "get" },
      { match: "^/static", group: "static/" },
      { match: "y", group: "None", method: "m" },
    ],
    skip: ["^/ping", String.raw`\.(png|css)$`],
    patterns: [{ name: "uid", match: [String.raw`uid=(?<pattern>\w+)`] }],
  };
  const [shop, api] = config.sources.values();
  assert.partialDeepStrictEqual(shop, { id: "elfstats-shop", everyMs: 1000 });
  assert.partialDeepStrictEqual(shop?.options, { files: ["/var/log/httpd/access.log"], ...shared });
  assert.partialDeepStrictEqual(api?.options, {
    files: ["/var/log/tomcat/%Y-%m-%d.log"],
    ...shared,
  });
  assert.deepEqual(config.outputs.get("elfstats")?.options, {
    reports: { "elfstats-shop": "/tmp/elfstats-shop.data", api: "/elfstats.d/api" },
    interval: 300_000,
    stalled: 100_000,
    percentiles: [99, 50, 90],
    codes: [200, 404, 500],
    deleted: "[.-]",
    durations: "whole",
    filtered: "error",
    zeros: "U",
    version: "v1.18.8",
    timezone: "local",
  });
  assert.match(text, /# The log before, \/var\/log\/httpd\/access\.log\.1, is found by itself/);
  assert.match(text, /# A rule without \(\?P<method>…\) is left out[^:]*:\s+# nothing/);
  assert.match(text, /# DAEMON_PID_DIR, MAX_LOG_FILES: Watchpost runs in the foreground/);
  assert.match(text, /# Not known to elfstatsd, and left out: MINE\./);
  assert.match(text, /line 37 of the old file/);
  assert.doesNotMatch(text, /\(\?P<(?!method>…)/);
});

test("without logs there is nothing to write about", () => {
  const config = configOf(convertElfstatsd("ELF_FORMAT = '%h %t \"%r\" %>s %D'\n", "s.py"));
  assert.deepEqual([config.sources.size, config.outputs.size], [0, 0]);
});

test("milliseconds are said to be such; blanks of a format are one", () => {
  const text = `ELF_FORMAT = ' %h  %t \\t\\\\"%r\\\\" %>s %D '\nLATENCY_IN_MILLISECONDS = True
DATA_FILES = [('a', '', 'b')]\nSTALLED_CALL_THRESHOLD = 250\n`;
  const [source] = configOf(convertElfstatsd(text, "s.py")).sources.values();
  assert.partialDeepStrictEqual(source?.options, {
    files: ["/a"],
    format: String.raw`apache: %h %t \"%r\" %>s %D`,
    durationUnit: "ms",
    slow: 250,
  });
});

test("what is no data is refused, all of it at once and with its line", () => {
  const text = `import os
ELF_FORMAT = open('x').read()
INTERVAL = '5'
DATA_FILES = [('a',), ('b', '', '/r'), ('c', '', '/r')]
VALID_REQUESTS = [1, re.compile('a', re.X)]
REQUESTS_AGGREGATION = [('a', 'b')]
REQUESTS_TO_SKIP = 'x'
`;
  assert.deepEqual(problemsOf(text), [
    "settings.py:2:1 ELF_FORMAT: uses `open`, which would have to be run; write the value itself",
    "settings.py:2:1 ELF_FORMAT: is missing, and no line could be read without it",
    "settings.py:3:1 INTERVAL: has to be a number",
    "settings.py:4:1 DATA_FILES: has to be a list of (log, log before or '', report)",
    "settings.py:4:1 DATA_FILES: names the report /r twice, where elfstatsd kept the last alone; give each its own",
    "settings.py:5:1 VALID_REQUESTS: has to hold regular expressions",
    "settings.py:5:1 VALID_REQUESTS: has the flag X, which is not known here; write the pattern without it",
    "settings.py:6:1 REQUESTS_AGGREGATION: has to be a list of (group, method, pattern)",
    "settings.py:7:1 REQUESTS_TO_SKIP: has to be a list",
  ]);
  assert.deepEqual(problemsOf("A = 'x"), [
    "settings.py:1:1 begins a text that does not end",
    "settings.py:1:1 ELF_FORMAT: is missing, and no line could be read without it",
  ]);
});

function patternOf(python: string): unknown {
  const head = "ELF_FORMAT = '%h %t %>s'\nDATA_FILES = [('a', '', 'b')]\n";
  const config = configOf(convertElfstatsd(`${head}REQUESTS_TO_SKIP = [${python}]\n`, "s.py"));
  const [source] = config.sources.values();
  return source?.options["skip"];
}

test("patterns mean the same in our language", () => {
  assert.deepEqual(patternOf(String.raw`re.compile(r'\A/a(?#x)\.\(?b\Z')`), [
    String.raw`^/a\.\(?b$`,
  ]);
  assert.deepEqual(patternOf(String.raw`re.compile(r'/a\w[x-zB\]]', re.I)`), [
    String.raw`/[aA]\w[x-zX-ZbB\]]`,
  ]);
  assert.deepEqual(patternOf("re.compile('(?i)(?:b)')"), ["(?:[bB])"]);
});
