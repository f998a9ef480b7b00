import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { webhook } from "./webhook.ts";

const never = new AbortController().signal;
const url = "https://hooks.example/";

interface Receiver {
  /** Statuses of the answers to come; 200 when there are none left. */
  readonly answers: number[];
  /** Of what came, in order, taken or not. */
  readonly headers: Headers[];
  readonly seqs: number[];
  now: number;
  open(secrets?: readonly string[]): Promise<OpenOutput>;
}

function createReceiver(): Receiver {
  const receiver: Receiver = {
    answers: [],
    headers: [],
    seqs: [],
    now: 5_000,
    open: (secrets = []) => {
      const context: OutputContext = {
        ...createWorld().context(),
        now: () => receiver.now,
        async fetch(_, { body, headers }) {
          receiver.headers.push(new Headers(headers));
          receiver.seqs.push(JSON.parse(typeof body === "string" ? body : "{}").data.seq);
          return new Response("no", { status: receiver.answers.shift() ?? 200 });
        },
      };
      const secret = secrets.map((value) => {
        const made = new Secret({ env: "S" });
        made.resolve(value);
        return made;
      });
      return webhook.open({ ...webhook.options.parse({ url }), secret }, context);
    },
  };
  return receiver;
}

const batches = [1, 2, 3].map((seq) => toBatch("s", seq));

suite("webhook", () => {
  test("passes over what was taken when the rest is offered again", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    receiver.answers.push(200, 503);
    await assert.rejects(output.write(batches, never), /hooks\.example answers 503/);
    await output.write(batches, never);
    assert.deepEqual(receiver.seqs, [1, 2, 2, 3]);
    await output.write(batches, never);
    assert.deepEqual(receiver.seqs.slice(4), [1, 2, 3], "nothing is remembered for ever");
  });

  test("a batch that is refused for good costs no other", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    receiver.answers.push(200, 422, 422);
    await assert.rejects(output.write(batches, never), Permanent);
    const [one, two, three] = batches.map((batch) => [batch]);
    await output.write(one ?? [], never);
    await assert.rejects(output.write(two ?? [], never), Permanent);
    await output.write(three ?? [], never);
    assert.deepEqual(receiver.seqs, [1, 2, 2, 3]);
  });

  test("a repetition has the id of the first attempt and a time of its own", async () => {
    const receiver = createReceiver();
    receiver.answers.push(500);
    const key = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    await using first = await receiver.open([key]);
    await assert.rejects(first.write(batches.slice(0, 1), never));
    receiver.now = 9_500;
    await using second = await receiver.open([key]);
    await second.write(batches.slice(0, 2), never);
    const of = (name: string): readonly (string | null)[] =>
      receiver.headers.map((headers) => headers.get(name));
    const [one, again, other] = of("webhook-id");
    assert.match(one ?? "", /^batch_[0-9a-f]{32}$/);
    assert.deepEqual([again === one, other === one], [true, false]);
    assert.deepEqual(of("webhook-timestamp"), ["5", "9", "9"]);
    assert.equal(new Set(of("webhook-signature")).size, 3);
  });

  test("comes back after an hour to who is gone, losing nothing", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    receiver.answers.push(410);
    await assert.rejects(
      output.write(batches, never),
      (error) => error instanceof RetryLater && error.afterMs === 3_600_000,
    );
  });

  test("says so when its secret is none", async () => {
    await assert.rejects(createReceiver().open(["s3cret"]), /whsec_ and 24 to 64 bytes/);
  });
});
