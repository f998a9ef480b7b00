import assert from "node:assert/strict";
import test from "node:test";
import { createAllowList, networks } from "./allow-list.ts";

test("addresses and networks are told from other texts", () => {
  for (const text of ["192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "::1"]) {
    assert.equal(networks().safeParse([text]).success, true, text);
  }
  for (const text of ["", "lb1", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2/24"]) {
    assert.equal(networks().safeParse([text]).success, false, text);
  }
});

test("this machine and who is listed is allowed, nobody else", () => {
  const isAllowed = createAllowList(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]);
  for (const peer of ["127.0.0.1", "::1", "192.0.2.255", "198.51.100.7", "2001:db8:1::2"]) {
    assert.equal(isAllowed(peer), true, peer);
  }
  for (const peer of ["192.0.3.1", "198.51.100.8", "2001:db9::1", ""]) {
    assert.equal(isAllowed(peer), false, peer);
  }
});
