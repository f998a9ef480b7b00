import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import type { SyslogForm } from "./_syslog-form.ts";
import { toSyslogMessages } from "./_syslog-message.ts";
import { syslog } from "./syslog.ts";

const form: SyslogForm = {
  messages: "problems",
  facility: "daemon",
  appName: "watchpost",
  enterprise: 32_473,
  severities: {},
};

function write(samples: readonly Sample[], changes: Partial<SyslogForm> = {}): readonly string[] {
  return toSyslogMessages({ ...form, ...changes }, toBatch("s", 1, samples), 8_192);
}

function writeEvent(name: string, text: string, bytesMax = 8_192): string {
  const events = [{ at: 0, name, labels: {}, text }];
  const [message = ""] = toSyslogMessages(form, { ...toBatch("s", 1, []), events }, bytesMax);
  return message;
}

/** RFC 5424, section 6, by its grammar; one element of structured data. */
const grammar =
  /^<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]{1,255} [!-~]{1,48} - [!-~]{1,32} \[watchpost@\d+((?: [!#-<>-\\^-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)$/u;

suite("messages for syslog", () => {
  test("have the severity of what happened", () => {
    assert.deepEqual(
      ["check_down", "server_lost", "file_truncated", "check_up", "haproxy_reloaded"].map(
        (event) => Number(grammar.exec(writeEvent(event, "t"))?.[1]) - 3 * 8,
      ),
      [3, 3, 4, 5, 5],
    );
    const events = [{ at: 0, name: "check_down", labels: {}, text: "t" }];
    const own: SyslogForm = { ...form, facility: "local7", severities: { check_down: "crit" } };
    const [message = ""] = toSyslogMessages(own, { ...toBatch("s", 1, []), events }, 8_192);
    assert.match(message, /^<186>/);
  });

  test("tell of what is wrong, or of everything, or of events alone", () => {
    const samples = [
      gauge("check_up", 0),
      gauge("haproxy_up", 1),
      count("check_unknown_total", 1),
      gauge("plugin_state", 2),
      count("n_total", 3),
      gauge("g", NaN),
    ];
    assert.deepEqual(
      write(samples).map((message) => message.split(" ")[5]),
      ["check_up", "check_unknown_total", "plugin_state"],
    );
    assert.equal(write(samples, { messages: "all" }).length, 1);
    assert.deepEqual(write(samples, { messages: "events" }), []);
  });

  test("keep to the grammar, whatever names and texts hold", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, fc.dictionary(text, text), text, (name, labels, words) => {
        const events = [{ at: 0, name, labels, text: words }];
        const batch = { ...toBatch("s", 1, [count(`${name}x`, 1, labels)]), events };
        for (const message of toSyslogMessages({ ...form, messages: "all" }, batch, 8_192)) {
          assert.match(message, grammar);
        }
      }),
    );
  });

  test("are cut in their text alone, between characters", () => {
    const long = writeEvent("e", `]"${"é".repeat(10_000)}`, 400);
    assert.ok(Buffer.byteLength(long) <= 400 && Buffer.byteLength(long) > 397);
    assert.match(long, grammar);
    assert.ok(!long.includes("\ufffd"));
    assert.match(writeEvent("e", "long", 10), grammar, "the head stays whole");
  });

  test("have no options that mean nothing", () => {
    assert.ok(!syslog.options.safeParse({ host: "h", facility: "local8" }).success);
    assert.ok(!syslog.options.safeParse({ host: "h", transport: "tcp", tls: {} }).success);
    assert.ok(syslog.options.safeParse({ host: "h", transport: "tls", tls: {} }).success);
  });
});
