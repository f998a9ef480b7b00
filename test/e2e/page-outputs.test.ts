// The page of outputs, in a real browser: one that works and one whose receiver is gone, their tests, and sending again.
import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { findFreePort, skipWithout, waitFor } from "./harness.ts";
import { openPage } from "./servers/chromium.ts";
import { startNode } from "./servers/node.ts";

const skip = skipWithout("chromium");

test("the page says how outputs are, tries them, and has them send again", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const [receiver, nobody] = [started.use(await startReceiver()), await findFreePort()];
  const node = started.use(
    await startNode(
      () => `outputs:
  carbon: { kind: graphite, host: 127.0.0.1, port: ${receiver.port} }
  gone: { kind: graphite, host: 127.0.0.1, port: ${nobody} }
`,
    ),
  );
  const { page, errors } = started.use(await openPage(node.url));
  await page.getByRole("link", { name: "Outputs" }).click();
  const [carbon, gone] = ["carbon", "gone"].map((name) =>
    page.getByRole("row", { name: new RegExp(`^${name}`) }),
  );
  assert.ok(carbon && gone);
  await carbon.getByText("caught up").waitFor();
  await gone.getByText("failing").waitFor();
  await page.getByText(`ECONNREFUSED 127.0.0.1:${nobody}`).first().waitFor();

  await carbon.getByRole("button", { name: "Test" }).click();
  await carbon.getByText("Sent: no error").waitFor();
  await waitFor("the test", () => receiver.text().includes("watchpost_test"));
  await gone.getByRole("button", { name: "Test" }).click();
  await gone.getByText("Failed: ").waitFor();

  await carbon.getByText("Send again…").click();
  await carbon.getByLabel("from").fill("2020-01-01T00:00:00");
  await carbon.getByRole("button", { name: "Send again" }).click();
  await carbon.getByText("batches are sent again.").waitFor();
  assert.deepEqual(errors, []);
});

/** Takes all that comes. */
async function startReceiver() {
  let text = "";
  const server = net.createServer((socket) => {
    socket.on("data", (bytes) => {
      text += bytes.toString();
    });
    socket.on("error", () => {});
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => {
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port,
    text: () => text,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
