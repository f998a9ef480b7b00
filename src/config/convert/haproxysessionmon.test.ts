import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { parts } from "../../engine/parts.ts";
import { parseConfig } from "../parse-config.ts";
import { ConfigError } from "../problem.ts";
import { convertHaproxysessionmon } from "./haproxysessionmon.ts";

/** Two balancers, two Graylogs, PRTG and a log file, as the old documentation shows them. */
const documented = `
logging: { level: DEBUG, file: /var/log/haproxysessionmon.log, console: true }
backends:
  graylog1: { type: gelf, host: logbroker1.local, port: 12201, facility: haproxysm }
  graylog2: { type: gelf, host: logbroker2.local, port: "12202", facility: haproxysm-secondary }
  prtg1: { type: prtg, base-url: https://prtg.local/probe/ }
  logfile1: { type: logfile, path: /var/log/session-count.log }
servers:
  lb-primary:
    endpoint: "http://lb-primary:8080/haproxy?stats;csv"
    update-interval: 10
    username: admin
    password: the-old-password
    backends: [graylog1, prtg1]
  lb-secondary:
    endpoint: "http://lb-secondary:8080/haproxy?stats;csv"
    update-interval: 60
    backends: [graylog2, logfile1]
`;

test("the documented example becomes a sound configuration of the same meaning", () => {
  const text = convertHaproxysessionmon(documented, "old.yml");
  assert.deepEqual(written(text), {
    log: { level: "debug", console: true, file: "/var/log/haproxysessionmon.log" },
    sources: {
      "lb-primary": {
        kind: "haproxy",
        url: "http://lb-primary:8080/haproxy?stats;csv",
        username: "admin",
        password: { env: "LB_PRIMARY_PASSWORD" },
        everyMs: 10_000,
        outputs: ["graylog1", "prtg1"],
      },
      "lb-secondary": {
        kind: "haproxy",
        url: "http://lb-secondary:8080/haproxy?stats;csv",
        username: undefined,
        password: undefined,
        everyMs: 60_000,
        outputs: ["graylog2", "logfile1"],
      },
    },
    outputs: ["graylog1 gelf", "graylog2 gelf", "prtg1 prtg", "logfile1 log-file"],
  });
  assert.doesNotMatch(text, /the-old-password/);
  assert.match(text, /# Set the environment variable to what stands in line 13 of the old file\./);
  assert.match(text, /# base-url belonged to PRTG's Mini Probe API/);
  assert.match(text, /HAPROXYSM_CONFIG_FILE/);
  assert.match(text, /url: https:\/\/prtg\.local:5051\n/);
  assert.match(text, /\n {6}lb-secondary: http:\/\/lb-secondary:8080\/haproxy\?stats;csv\n/);
});

test("what its validator refused is refused, all of it at once and with its place", () => {
  const refused: readonly (readonly [string, readonly RegExp[]])[] = [
    ["", [/1:1 backends: has to be/, /1:1 servers: has to be/]],
    ["[]", [/backends: has to be/, /servers: has to be/]],
    ["backends: [a]\nservers: [b]", [/1:11 backends: has to be/, /2:10 servers: has to be/]],
    [documented.replace("DEBUG", "debug"), [/2:19 logging\.level: is no level/]],
    [documented.replace("type: gelf", "type: other"), [/4:21 backends\.graylog1\.type: has to be/]],
    [documented.replace("host: logbroker1.local,", ""), [/backends\.graylog1\.host: is missing/]],
    [documented.replace("port: 12201", "port: some"), [/backends\.graylog1\.port: has to be/]],
    [documented.replace("path: /var", "file: /var"), [/backends\.logfile1\.path: is missing/]],
    [documented.replace("base-url", "url"), [/backends\.prtg1\.base-url: is missing/]],
    [documented.replace("password: the", "secret: the"), [/password: is missing, but there is/]],
    [documented.replace("endpoint:", "url:"), [/servers\.lb-primary\.endpoint: is missing/]],
    [documented.replace("interval: 10", "interval: ten"), [/update-interval: has to be a number/]],
    [documented.replace("[graylog1, prtg1]", "graylog1"), [/backends: has to be a list/]],
    [documented.replace("graylog1, ", "nobody, "), [/backends\.0: names "nobody"/]],
    ["a: !!python/object/apply:os.system [date]", [/old\.yml:1:4 is not YAML that can be taken/]],
    ["a: [", [/not YAML/]],
  ];
  for (const [text, patterns] of refused) {
    assert.throws(
      () => convertHaproxysessionmon(text, "old.yml"),
      (error) => {
        assert.ok(error instanceof ConfigError);
        patterns.forEach((pattern) => assert.match(error.message, pattern));
        return error.problems.length === patterns.length;
      },
      text,
    );
  }
});

test("what its program died of is mended, and said", () => {
  const mended: readonly (readonly [string, string, RegExp])[] = [
    ["update-interval: 10", "update-interval: 0", /# It was 0 seconds, .*\n {4}every: 10s/],
    ["update-interval: 10", "update-interval: .inf", /# It was Infinity seconds/],
    ["port: 12201", "port: 0", /# It was 0, which no receiver can have; .*\n {4}port: 12201/],
    ["host: logbroker1.local", "host: ", /# It was empty, .*\n {4}host: localhost/],
    ['"http://lb-primary', '"lb-primary', /without http:.*\n {4}url: http:\/\/lb-primary:8080\//],
    ["http://lb-primary", "http://ann:s%3Dx@lb-primary", /url: http:\/\/lb-primary:8080\//],
    ['"http://lb-primary:8080/haproxy?stats;csv"', '"http://[/"', /# The server "lb-primary" is/],
    ["stats;csv", "stats", /# It does not end in ;csv/],
    ["username: admin", "", /# Its password is left out/],
    ["lb-primary:\n", "1st balancer:\n", /# It was called "1st balancer", .*\n {2}1st-balancer:/],
    [
      "path: /var",
      "filename: /x.log, path: /var",
      /the filename that was written[^]*\n {4}path: \/x\.log/,
    ],
    ["https://prtg.local/probe/", "prtg", /no address to send to; .*\n.*\n? {4}mode: pull/],
    ["DEBUG", "CRITICAL", /level: error/],
    ["console: true", "console: no", /console: false/],
    ["logging:", "unknown:", /level: info\n {2}console: true/],
    ["[graylog1, prtg1]", "[]", /outputs: \[\]/],
    ["lb-secondary:\n", "lb-primary:\n", /lb-primary/],
  ];
  for (const [from, to, pattern] of mended) {
    const old = documented.replace(from, to);
    assert.notEqual(old, documented);
    const text = convertHaproxysessionmon(old, "old.yml");
    assert.match(text, pattern);
    written(text);
  }
});

test("whatever its validator took becomes a sound configuration", () => {
  const word = fc.string({ maxLength: 12, unit: "grapheme" });
  const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.double());
  const port = fc.oneof(fc.integer(), fc.integer().map(String), fc.boolean());
  const backend = fc.oneof(
    fc.record({ type: fc.constant("gelf"), host: scalar, port, facility: scalar }),
    fc.record(
      { type: fc.constant("logfile"), path: scalar, filename: scalar },
      { requiredKeys: ["type", "path"] },
    ),
    fc.record({
      type: fc.constant("prtg"),
      "base-url": fc.oneof(scalar, fc.webUrl()),
      gid: scalar,
      key: scalar,
    }),
  );
  const interval = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom("10", "1e1", "nan", "-inf", " 5 "),
  );
  const endpoint = fc.oneof(scalar, fc.webUrl({ withQueryParameters: true }));
  const server = fc.record(
    {
      endpoint,
      backends: fc.array(fc.nat()),
      "update-interval": interval,
      username: word,
      password: word,
    },
    { requiredKeys: ["endpoint", "backends"] },
  );
  const level = fc.constantFrom("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL");
  const logging = fc.option(
    fc.oneof(word, fc.record({ level, file: word, console: scalar }, { requiredKeys: [] })),
  );
  const config = fc.record({
    logging,
    backends: fc.dictionary(word, backend, { minKeys: 1, maxKeys: 4 }),
    servers: fc.dictionary(word, server, { minKeys: 1, maxKeys: 4 }),
  });
  fc.assert(
    fc.property(config, ({ logging: log, backends, servers }) => {
      const names = Object.keys(backends);
      const all = Object.entries(servers).map(([name, one]) => {
        const listed = one.backends.map((index) => names[index % names.length]);
        const { username, password, ...rest } = one;
        const isPaired =
          username !== undefined && username !== "" && password !== undefined && password !== "";
        return [name, { ...rest, ...(isPaired ? { username, password } : {}), backends: listed }];
      });
      const old = stringify(
        { logging: log, backends, servers: Object.fromEntries(all) },
        { version: "1.1" },
      );
      written(convertHaproxysessionmon(old, "old.yml"));
    }),
    { numRuns: 100 },
  );
});

/** What matters of a converted configuration, once it is found sound. */
function written(text: string): unknown {
  const { config, problems } = parseConfig({ text, file: "new.yml", parts, hostName: "lb" });
  assert.deepEqual(problems, [], text);
  assert.ok(config !== undefined);
  const sources = [...config.sources.values()].map(({ id, kind, everyMs, outputs, options }) => {
    const { url, username, password } = options;
    const secret: unknown =
      password === undefined ? undefined : JSON.parse(JSON.stringify(password));
    return [id, { kind, url, username, password: secret, everyMs, outputs }] as const;
  });
  return {
    log: config.log,
    sources: Object.fromEntries(sources),
    outputs: [...config.outputs.values()].map(({ id, kind }) => `${id} ${kind}`),
  };
}
