import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { parts } from "../../engine/parts.ts";
import { parseConfig } from "../parse-config.ts";
import { ConfigError, toProblemText } from "../problem.ts";
import { convertHttpmonitor } from "./httpmonitor.ts";

/** As it was shipped, with its comments. */
const shipped = `[Stats]
# Seconds
interval = 2

[Alerts]
# <Threshold> <Interval>
alert = 30, 2

[Output]
displayer = stdout

[Logging]
debug = False
stdout = True
`;

interface Written {
  readonly level: string;
  readonly source: unknown;
  readonly output: Readonly<Record<string, unknown>>;
}

/** What the node would be built from. */
function written(text: string): Written {
  const file = { text, file: "w.yml", parts, hostName: "test" };
  const { config, problems } = parseConfig(file);
  assert.deepEqual(problems.map(toProblemText), []);
  const [source] = config?.sources.values() ?? [];
  const output = config?.outputs.get("httpmonitor");
  assert.equal(output?.kind, "httpmonitor");
  return { level: config?.log.level ?? "", source, output: output.options };
}

function problemsOf(text: string): readonly string[] {
  try {
    convertHttpmonitor(text, "old.cfg");
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n");
  }
  return [];
}

test("the shipped example becomes a sound configuration of the same meaning", () => {
  const text = convertHttpmonitor(shipped, "config.cfg");
  const { level, source, output } = written(text);
  assert.equal(level, "info");
  assert.partialDeepStrictEqual(source, {
    kind: "access-log",
    everyMs: 1000,
    options: { files: ["/var/log/access.log"], format: "common", from: "end" },
  });
  assert.deepEqual(output, {
    statistics: 2000,
    alerts: [{ threshold: 30, window: 2000 }],
    to: "stdout",
    log: { stdout: true },
    rate: "both",
    targets: "http_targets",
    legacy: "off",
    timezone: "local",
  });
  assert.match(text, /# The key stdout below \[Logging\] meant nothing/);
  assert.match(text, /# HttpMonitor was told by its option -f/);
});

test("without a section of alerts there is one of 300 over 120, with an empty one none", () => {
  assert.deepEqual(written(convertHttpmonitor("", "c")).output["alerts"], [
    { threshold: 300, window: 120_000 },
  ]);
  assert.deepEqual(written(convertHttpmonitor("[Alerts]\n", "c")).output["alerts"], []);
  const text = convertHttpmonitor("[Alerts]\na = 0, 5\nb = 5, -1\nc: 7 ,\n  3\n", "c");
  assert.deepEqual(written(text).output["alerts"], [{ threshold: 7, window: 3000 }]);
  assert.match(text, /# a was 0, 5, which HttpMonitor passed over\./);
});

test("no statistics without an interval above zero; a day is the longest", () => {
  for (const interval of ["0", "-3"]) {
    const text = convertHttpmonitor(`[Stats]\ninterval = ${interval}\n`, "c");
    assert.equal(written(text).output["statistics"], undefined);
  }
  const text = convertHttpmonitor("[Stats]\nINTERVAL: 100000\n[Alerts]\na = 1, 100000\n", "c");
  assert.deepEqual(written(text).output["statistics"], 86_400_000);
  assert.match(text, /It was 100000 seconds/);
});

test("messages go where they went, or were meant to go", () => {
  const logging = "[Logging]\nlog_to_stdout = no\nlog_to_file = /var/log/100%%.log\ndebug = on\n";
  const file = convertHttpmonitor(
    `[Output]\ndisplayer = file\nfile_name = out.txt\n${logging}`,
    "c",
  );
  assert.match(file, /# HttpMonitor stopped with an error when it was to write a file/);
  assert.equal(written(file).level, "debug");
  assert.partialDeepStrictEqual(written(file).output, {
    to: "file",
    path: "out.txt",
    log: { stdout: false, path: "/var/log/100%.log" },
  });
  const log = convertHttpmonitor("[Output]\ndisplayer = log\n[Logging]\nlog_to_stdout = 0\n", "c");
  assert.partialDeepStrictEqual(written(log).output, { to: "log", log: { stdout: true } });
  assert.match(log, /# The old log went nowhere/);
});

test("what HttpMonitor died of is refused, all of it at once and with its line", () => {
  const text = `interval = 2
[Stats]
interval = two
[Alerts]
a = 30 2
b = 30, 2.5
c = 1, 2, 3
c = %(x)s
[Output]
displayer = printer
what
[Logging]
debug = perhaps
`;
  assert.deepEqual(problemsOf(text), [
    "old.cfg:1:1 is not INI: it stands in no section",
    "old.cfg:3:1 Stats.interval: has to be a whole number of seconds",
    "old.cfg:5:1 Alerts.a: has to be a number of hits a second, a comma, and a number of seconds",
    "old.cfg:6:1 Alerts.b: has to be a number of hits a second, a comma, and a number of seconds",
    "old.cfg:8:1 c: stands twice in its section",
    "old.cfg:8:1 Alerts.c: has a `%` that stands for something else; write the value itself, or %%",
    "old.cfg:8:1 Alerts.c: has to be a number of hits a second, a comma, and a number of seconds",
    'old.cfg:10:1 Output.displayer: is "printer", which HttpMonitor refused; write stdout, log or file',
    "old.cfg:11:1 is not INI: it has no `=`",
    "old.cfg:13:1 Logging.debug: has to be True or False",
  ]);
  assert.deepEqual(problemsOf("[Output]\ndisplayer=file\n"), [
    "old.cfg:2:1 Output.displayer: is file, and no file_name stands beside it",
  ]);
});

test("whatever the file holds, it is refused or becomes a sound configuration", () => {
  const piece = fc.oneof(
    fc.constantFrom(...shipped.split("\n"), "[Alerts]", "file_name = a", "displayer=file"),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (lines) => {
      const text = lines.join("\n");
      if (problemsOf(text).length === 0) {
        written(convertHttpmonitor(text, "c"));
      }
    }),
  );
});
