// Formats put together from random directives, entries written as the server writes them (by code
// that shares nothing with the parsers), and read back.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Entry, NumberName, TextName } from "./fields.ts";
import { parseFormat } from "./parse-format.ts";
import { parseLineSlowly } from "./parse-line-slowly.ts";

/** A directive, and values for it: as they stand in the line, and as they are meant. */
interface Piece {
  readonly directive: string;
  readonly written: fc.Arbitrary<Written>;
}

interface Written {
  readonly text: string;
  readonly entry: Entry;
}

type Escape = (text: string) => string;

const anyText = fc
  .oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary-ascii" }))
  .filter((text) => text !== "" && text !== "-");
const word = fc.stringMatching(/^[A-Za-z0-9_.:/][A-Za-z0-9_.:/-]{0,12}$/);
const name = fc.stringMatching(/^[a-z]{1,8}$/);

function hexBytes(text: string, prefix: string, isKept: RegExp): string {
  const latin1 = Buffer.from(text, "utf8").toString("latin1");
  return latin1
    .split("")
    .map((letter) =>
      isKept.test(letter)
        ? letter
        : prefix + letter.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase(),
    )
    .join("");
}

const escapeNginx: Escape = (text) => hexBytes(text, "\\x", /[ !#-[\]-~]/);
const escapeHaproxy: Escape = (text) => hexBytes(text, "#", /[ !$-z~]/);
const escapeApache: Escape = (text) => {
  const latin1 = Buffer.from(text, "utf8").toString("latin1");
  return latin1
    .split("")
    .map((letter) => apacheNames[letter] ?? (/[ -~]/.test(letter) ? letter : hexOf(letter)))
    .join("");
};
const apacheNames: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
};

function hexOf(letter: string): string {
  return `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function textPiece(directive: string, field: TextName, escape: Escape | undefined): Piece {
  const isQuoted = escape !== undefined;
  const written = (isQuoted ? anyText : name).map((text) => ({
    text: isQuoted ? `"${escape(text)}"` : text,
    entry: { [field]: text },
  }));
  return { directive, written };
}

function numberPiece(directive: string, field: NumberName, divisor = 1): Piece {
  const written = fc.oneof(fc.nat({ max: 2 ** 31 }), fc.constant(undefined)).map((value) => ({
    text: value === undefined ? "-" : String(value),
    entry: value === undefined ? {} : numberEntry(field, value / divisor),
  }));
  return { directive, written };
}

function numberEntry(field: NumberName, value: number): Entry {
  const entry: { [Name in NumberName]?: number } = {};
  entry[field] = value;
  return entry;
}

function decimalPiece(directive: string, field: NumberName): Piece {
  const written = fc.nat({ max: 10_000_000 }).map((ms) => ({
    text: (ms / 1000).toFixed(3),
    entry: numberEntry(field, ms / 1000),
  }));
  return { directive, written };
}

function statusPiece(directive: string): Piece {
  const written = fc
    .integer({ min: 100, max: 599 })
    .map((status) => ({ text: String(status), entry: { status } }));
  return { directive, written };
}

function requestPiece(directive: string, escape: Escape): Piece {
  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "VERSION-CONTROL"),
    tail: fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/\s/g, "")),
    protocol: fc.constantFrom("HTTP/1.1", "HTTP/2.0"),
  });
  const written = request.map(({ method, tail, protocol }) => ({
    text: `"${method} /${escape(tail)} ${protocol}"`,
    entry: { method, target: `/${tail}`, protocol },
  }));
  return { directive, written };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const instant = fc.integer({ min: 0, max: 4_102_444_799 });

function clockOf(second: number): string {
  const [, month = "", day = "", time = ""] =
    /^\d+-(\d+)-(\d+)T(.{8})/.exec(new Date(second * 1000).toISOString()) ?? [];
  const year = new Date(second * 1000).getUTCFullYear();
  return `${day}/${months[Number(month) - 1]}/${year}:${time}`;
}

function clfPiece(directive: string): Piece {
  const written = fc
    .tuple(instant, fc.constantFrom(0, 60, -210, 330))
    .map(([second, zoneMinutes]) => {
      const sign = zoneMinutes < 0 ? "-" : "+";
      const [hours, minutes] = [Math.floor(Math.abs(zoneMinutes) / 60), Math.abs(zoneMinutes) % 60];
      const zone = `${sign}${String(hours).padStart(2, "0")}${String(minutes).padStart(2, "0")}`;
      const text = `[${clockOf(second + zoneMinutes * 60)} ${zone}]`;
      return { text, entry: { time: second * 1000 } };
    });
  return { directive, written };
}

function listPiece(
  directive: string,
  toWritten: (list: readonly (number | undefined)[]) => Written,
): Piece {
  const element = fc.oneof(fc.nat({ max: 512 }), fc.constant(undefined));
  return { directive, written: fc.array(element, { minLength: 1, maxLength: 4 }).map(toWritten) };
}

function sumOfList(list: readonly (number | undefined)[]): Written {
  const present = list.filter((value) => value !== undefined);
  const eighths = present.reduce((sum, value) => sum + value, 0);
  return {
    text: list.map((value) => (value === undefined ? "-" : String(value / 8))).join(", "),
    entry: present.length === 0 ? {} : { upstream_duration: eighths / 8 },
  };
}

function lastOfList(list: readonly (number | undefined)[]): Written {
  const last = list.findLast((value) => value !== undefined);
  return {
    text: list.map((value) => value ?? "-").join(" : "),
    entry: last === undefined ? {} : { upstream_status: last },
  };
}

const languages: Readonly<Record<string, readonly Piece[]>> = {
  apache: [
    textPiece("%h", "client", undefined),
    textPiece("%u", "user", undefined),
    clfPiece("%t"),
    requestPiece('"%r"', escapeApache),
    statusPiece("%>s"),
    numberPiece("%B", "bytes"),
    numberPiece("%D", "duration", 1e6),
    numberPiece("%I", "bytes_in"),
    textPiece('"%{Referer}i"', "referrer", escapeApache),
    textPiece('"%{User-Agent}i"', "agent", escapeApache),
    textPiece('"%{X-Tenant}i"', "header.x_tenant", escapeApache),
    textPiece("%{ZONE}e", "variable.zone", undefined),
  ],
  nginx: [
    textPiece("$remote_addr", "client", undefined),
    textPiece("$remote_user", "user", undefined),
    clfPiece("[$time_local]"),
    requestPiece('"$request"', escapeNginx),
    statusPiece("$status"),
    numberPiece("$body_bytes_sent", "bytes"),
    decimalPiece("$request_time", "duration"),
    listPiece("$upstream_response_time", sumOfList),
    listPiece("$upstream_status", lastOfList),
    textPiece('"$http_referer"', "referrer", escapeNginx),
    textPiece('"$http_user_agent"', "agent", escapeNginx),
    textPiece('"$cookie_session"', "cookie.session", escapeNginx),
    textPiece("$host", "host", undefined),
  ],
  haproxy: [
    clfPiece("[%trg]"),
    requestPiece("%{+Q}r", escapeHaproxy),
    statusPiece("%ST"),
    numberPiece("%B", "bytes"),
    numberPiece("%Ta", "duration", 1e3),
    numberPiece("%Tw", "queue_duration", 1e3),
    textPiece("%b", "backend", undefined),
    textPiece("%{+Q}[unique-id]", "request_id", escapeHaproxy),
    textPiece("%ft", "frontend", undefined),
    textPiece("%{+Q}[req.hdr(x)]", "variable.req_hdr_x", escapeHaproxy),
  ],
};

for (const [language, pieces] of Object.entries(languages)) {
  test(`what ${language} writes is read back`, () => {
    const shuffled = fc.shuffledSubarray([...pieces], { minLength: 2 });
    const lines = shuffled.chain((chosen) =>
      fc.record({
        format: fc.constant(chosen.map(({ directive }) => directive)),
        values: fc.tuple(...chosen.map(({ written }) => written)),
        separator: fc.constantFrom(" ", " | ", "\t", "; "),
      }),
    );
    fc.assert(
      fc.property(lines, ({ format: directives, values, separator }) => {
        const { format, problem } = parseFormat(`${language}: ${directives.join(separator)}`);
        assert.ok(format !== undefined, problem);
        const line = values.map(({ text }) => text).join(separator);
        const entry: Entry = Object.assign({}, ...values.map((value) => value.entry));
        const outcome = parseLineSlowly(format, line);
        assert.deepEqual(
          outcome,
          { kind: "entry", entry },
          `${directives.join(separator)}\n${line}`,
        );
      }),
      { numRuns: 20000 },
    );
  });
}

test("a word is a word in every column of a W3C log", () => {
  const columns = ["c-ip", "cs-username", "cs-host", "cs(Referer)", "s-computername"] as const;
  const fields = ["client", "user", "host", "referrer", "server_name"] as const;
  fc.assert(
    fc.property(fc.tuple(word, word, word, word, word), (words) => {
      const { format } = parseFormat(`#Fields: ${columns.join(" ")}`);
      assert.ok(format !== undefined);
      const entry = Object.fromEntries(fields.map((field, index) => [field, words[index]]));
      const outcome = parseLineSlowly(format, words.join(" "));
      assert.deepEqual(outcome, { kind: "entry", entry });
    }),
  );
});
