import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseWebhookSecret, toWebhookHeaders } from "./standard-webhooks.ts";

function toSecret(sizeBytes: number): string {
  return `whsec_${Buffer.alloc(sizeBytes, 7).toString("base64")}`;
}

suite("Standard Webhooks", () => {
  test("the example of the specification's own libraries", () => {
    const key = parseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert.ok(key !== undefined);
    const message = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
    };
    assert.deepEqual(toWebhookHeaders(message, [key]), {
      "webhook-id": message.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("what npm's standardwebhooks signs, twice while a key is changed", () => {
    const key = parseWebhookSecret("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    assert.ok(key !== undefined);
    const message = {
      id: "msg_1",
      timestamp: 1_497_428_000,
      body: '{"type":"incident.opened","timestamp":"2017-06-14T08:13:20.125Z","data":{"id":"inc_1"}}',
    };
    const signature = "v1,n9wKyXuSY5T4TjrKuUyASiluU/pMK6GvkbzuoxwAxf4=";
    const headers = toWebhookHeaders(message, [key, key]);
    assert.equal(headers["webhook-signature"], `${signature} ${signature}`);
    assert.equal("webhook-signature" in toWebhookHeaders(message, []), false);
  });

  test("refuses what is no secret, and keys that are too short or too long", () => {
    assert.equal(parseWebhookSecret(toSecret(24))?.length, 24);
    assert.equal(parseWebhookSecret(toSecret(64))?.length, 64);
    for (const text of [toSecret(23), toSecret(65), "whsec_", "s3cret", "whsec_a b", ""]) {
      assert.equal(parseWebhookSecret(text), undefined, text);
    }
  });
});
