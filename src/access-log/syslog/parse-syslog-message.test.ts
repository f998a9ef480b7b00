import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { parseSyslogMessage } from "./parse-syslog-message.ts";

const line = '127.0.0.1:44948 [20/Nov/2026:17:03:21.231] in app/app1 0/0/0/0/0 200 203 - - "GET /"';

suite("what stands in front of the line is taken off", () => {
  const headers: readonly (readonly [name: string, header: string, program?: string])[] = [
    ["HAProxy's RFC 3164", "<134>Nov 20 17:03:21 lb1 haproxy[10835]: ", "haproxy"],
    ["without a host, as on a local socket", "<134>Nov 20 17:03:21 haproxy[10835]: ", "haproxy"],
    ["with a day of one digit", "<134>Nov  2 17:03:21 lb1 haproxy[1]: ", "haproxy"],
    ["with an IPv6 address as host", "<134>Nov 20 17:03:21 fe80::1 haproxy[1]: ", "haproxy"],
    ["rsyslog's ISO time", "<134>2026-11-20T17:03:21.231874+01:00 lb1 haproxy[1]: ", "haproxy"],
    ["Cisco's year", "<134>Nov 20 2026 17:03:21 lb1 haproxy: ", "haproxy"],
    ["forwarded without a priority", "Nov 20 17:03:21 lb1 haproxy[1]: ", "haproxy"],
    ["RFC 5424", "<134>1 2026-11-20T17:03:21.231874+01:00 lb1 haproxy 10835 - - ", "haproxy"],
    ["RFC 5424 with nothing known", "<134>1 - - - - - - "],
    [
      "RFC 5424 with data and a mark",
      '<134>1 2026-11-20T17:03:21Z lb1 haproxy 1 TCP [a@1 x="y\\]"][b] \u00ef\u00bb\u00bf',
      "haproxy",
    ],
    ["HAProxy's format short", "<134>"],
    ["HAProxy's format timed", "<134>2026-11-20T17:03:21.231874+01:00 "],
    ["HAProxy's format raw", ""],
    ["nginx's tag", "<190>Nov 20 17:03:21 web1 nginx: ", "nginx"],
  ];
  for (const [name, header, program] of headers) {
    test(name, () => {
      const message = Buffer.from(header + line, "latin1");
      assert.deepEqual(parseSyslogMessage(message), { program, at: header.length });
    });
  }
});

test("any bytes are a message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      const { at } = parseSyslogMessage(Buffer.from(bytes));
      assert.ok(at >= 0 && at <= bytes.length);
    }),
  );
});
