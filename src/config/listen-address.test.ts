import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, parseListenAddress } from "./listen-address.ts";

test("parseListenAddress takes a host and a port", () => {
  assert.deepEqual(parseListenAddress("127.0.0.1:0"), { host: "127.0.0.1", port: 0 });
  assert.deepEqual(parseListenAddress(" Hub.example:65535 "), {
    host: "hub.example",
    port: 65_535,
  });
  assert.deepEqual(parseListenAddress("[::1]:80"), { host: "::1", port: 80 });
  for (const text of [
    "",
    "80",
    ":80",
    "a:65536",
    "a:-1",
    "::1:80",
    "[1]:80",
    "http://a:80",
    "a:80/",
  ]) {
    assert.equal(parseListenAddress(text), undefined, text);
  }
});

test("isLoopback trusts only what cannot be reached from elsewhere", () => {
  for (const host of [
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "localhost",
    "LOCALHOST",
    "::ffff:127.0.0.1",
  ]) {
    assert(isLoopback(host), host);
  }
  for (const host of [
    "0.0.0.0",
    "::",
    "192.0.2.1",
    "hub",
    "127.0.0.1.example",
    "::ffff:192.0.2.1",
  ]) {
    assert(!isLoopback(host), host);
  }
});
