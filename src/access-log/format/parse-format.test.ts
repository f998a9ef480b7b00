import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { FormatOptions } from "./format-result.ts";
import { boundFields } from "./line-format.ts";
import { formatNames, parseFormat } from "./parse-format.ts";

suite("a format that is none names what is wrong, and where", () => {
  const problems: readonly (readonly [string, string])[] = [
    ["", "the format is empty"],
    [
      "combind",
      '"combind" is neither a name of a format nor a format with directives; did you mean combined?',
    ],
    ['%h %l %u %t "%r" %Q', "unknown directive %Q in column 18; did you mean %q?"],
    ["apache: %h %>s %", "the directive % in column 8 is not understood"],
    ["%h %{Referer}q", "%{Referer}q in column 4 is written %q"],
    ["%h %i", "%i in column 4 is written %{…}i"],
    ["%h %>s %{%Y-%Q}t", "%{%Y-%Q}t in column 8: the time's %Q is not understood"],
    ["%h %>s %{min}T", '%{min}T in column 8: "min" is none of us, ms, s'],
    [
      "%h%u %>s",
      "nothing stands between %h in column 1 and %u in column 3: where the first ends cannot be told; put a space or another character between them",
    ],
    ['LogFormat "%h %l %Q" mine', "unknown directive %Q in column 18; did you mean %q?"],
    ["$remote_addr $statuss", "unknown variable $statuss in column 14; did you mean $status?"],
    [
      "log_format x '$remote_addr '\n  '$upstream_respons_time';",
      "unknown variable $upstream_respons_time in column 33; did you mean $upstream_response_time?",
    ],
    ["log_format x escape=html '$status';", "escape=html is none of default, json, none"],
    ["log_format x '$status';'", "the strings of the log_format directive are not closed"],
    ["tomcat: %h %Y", "unknown directive %Y in column 4"],
    ["tomcat: %>s", "the directive %>s in column 1 is not understood"],
    ["tomcat: %{yyyy-ww}t %s", "%{yyyy-ww}t in column 1: the time's ww is not understood"],
    [
      "varnish: %h %{Varnish:hit}x",
      '%{Varnish:hit}x in column 4: "Varnish:hit" is none of Varnish:time_firstbyte, Varnish:hitmiss, Varnish:handling, Varnish:side, Varnish:vxid, VCL_Log:…, VSL:…',
    ],
    ["%ci:%cp %sslvv", "unknown alias %sslvv in column 9; did you mean %sslv, %sslc?"],
    ["haproxy: nothing", "no directive in it says anything about a request"],
    ["regex: (", "the expression is not a regular expression: Unterminated group"],
    ["regex: \\d+", "the expression has no named groups, such as (?<status>\\d+)"],
    ["json: status=code, tme=ts", "unknown field tme in column 14; did you mean time?"],
    ["json: status", "in column 1 a field=key is expected, such as status=code"],
  ];
  for (const [text, problem] of problems) {
    test(text, () => assert.equal(parseFormat(text).problem, problem));
  }
});

suite("one format, written in several ways", () => {
  const same: readonly (readonly string[])[] = [
    [
      '%h %l %u %t "%r" %>s %b',
      String.raw`%h %l %u %t \"%r\" %>s %b`,
      String.raw`LogFormat "%h %l %u %t \"%r\" %>s %b" common`,
      'apache: %h %l %u %t "%r" %>s %b',
      "apache: common",
      "common",
    ],
    [
      '$remote_addr [$time_local] "$request" $status',
      `log_format x '$remote_addr [$time_local] "$request" $status';`,
      `log_format x '$remote_addr [$time_local] '\n'"$request" $status';`,
      String.raw`log_format x "$remote_addr [$time_local] \"$request\" $status";`,
      '${remote_addr} [$time_local] "$request" $status',
      `'$remote_addr [$time_local] ' '"$request" $status'`,
    ],
    ["%ci:%cp [%t] %ST", "log-format %ci:%cp\\ [%t]\\ %ST", 'log-format "%ci:%cp [%t] %ST"'],
    ["option httplog", "httplog", "haproxy-http"],
    ["%h %t %s", "varnish: -F '%h %t %s'", "varnish: %h %t %s"],
    [
      "#Fields: date time c-ip sc-status",
      "date time c-ip sc-status",
      "w3c: date time c-ip sc-status",
    ],
  ];
  for (const [first = "", ...others] of same) {
    for (const other of others) {
      test(other, () => {
        const { format, problem } = parseFormat(other);
        assert.deepEqual(format, parseFormat(first).format, problem);
        assert.ok(format !== undefined);
      });
    }
  }
});

test("a directive that another one betters is skipped", () => {
  assert.deepEqual(fieldsOf("%s %>s %D %T"), ["status", "duration"]);
  assert.deepEqual(fieldsOf("%O %b"), ["bytes_sent", "bytes"]);
  assert.deepEqual(fieldsOf("%O %v"), ["bytes", "host"], "the only size, and the only host");
  assert.deepEqual(fieldsOf("%v %{Host}i"), ["server_name", "host"]);
  assert.deepEqual(fieldsOf("%h %{c}a"), ["client", "peer"]);
});

test("the unit of Tomcat's %D follows its version", () => {
  assert.equal(divisor("tomcat: %D %s"), 1e6);
  assert.equal(divisor("tomcat9: %D %s"), 1e3);
  assert.equal(divisor("tomcat: %D %s", { tomcatVersion: 8 }), 1e3);
  assert.equal(divisor("tomcat: %D %s", { durationUnit: "s" }), 1);
  assert.equal(divisor("apache: %D %s", { durationUnit: "ms" }), 1e3);
});

test("remarks tell what a format cannot", () => {
  assert.deepEqual(parseFormat("combined").remarks, []);
  assert.deepEqual(parseFormat("%h %U").remarks, [
    "It has no time (date and clock): lines count for the moment they are read.",
    "It has no status: requests are counted without one.",
  ]);
});

test("every name is a format", () => {
  for (const name of Object.keys(formatNames)) {
    const { format, problem } = parseFormat(name);
    assert.ok(format !== undefined, `${name}: ${problem}`);
  }
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "%",
    "{",
    "}",
    "$",
    "'",
    '"',
    "\\",
    "[",
    "]",
    " ",
    ":",
    "h",
    ">s",
    "time",
    "x",
    ";",
    "log_format ",
    "%{",
    "}t",
    "apache: ",
    "haproxy: ",
    "regex: ",
    "json: ",
    "=",
    "(?<a>",
    ")",
    "%[",
    "#Fields: ",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const { format, problem } = parseFormat(given);
      assert.ok((format === undefined) !== (problem === undefined));
    }),
    { numRuns: 2000 },
  );
});

function fieldsOf(text: string): readonly string[] {
  const { format, problem } = parseFormat(text);
  assert.ok(format !== undefined, problem);
  return [...boundFields(format)];
}

function divisor(text: string, options: FormatOptions = {}): unknown {
  const { format } = parseFormat(text, options);
  const [part] = format?.layout === "positional" ? format.parts : [];
  return part?.kind === "value" && part.value.type === "number" ? part.value.divisor : undefined;
}
