// HAProxy's view of the page, in a real browser beside a real HAProxy: states, sessions, a cell's history, an event.
import assert from "node:assert/strict";
import net from "node:net";
import test from "node:test";
import { findFreePort, skipWithout } from "./harness.ts";
import { openPage } from "./servers/chromium.ts";
import { startHaproxy } from "./servers/haproxy.ts";
import { startNode } from "./servers/node.ts";

const skip = skipWithout("chromium", "haproxy");

test("the page shows proxies, servers and what happens to them", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const nobody = await findFreePort();
  const haproxy = started.use(
    await startHaproxy(
      ({ port, statsPort }) => `frontend web
  bind 127.0.0.1:${port}
  default_backend app
backend app
  server good 127.0.0.1:${port}
  server gone 127.0.0.1:${nobody} check inter 200ms
listen stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /stats
`,
    ),
  );
  const node = started.use(
    await startNode(
      () => `sources:
  lb: { kind: haproxy, url: "http://127.0.0.1:${haproxy.statsPort}/stats;csv", every: 1s }
`,
    ),
  );
  const { page, errors } = started.use(await openPage(`${node.url}#/sources/lb`));
  const panel = page.getByRole("region", { name: "lb" });
  await panel.getByText("1 of 2 servers up").waitFor();
  const gone = panel.getByRole("row", { name: /^gone/ });
  await gone.getByText("down").waitFor();
  await gone.getByText("L4CON").waitFor();

  await gone.getByRole("button").first().click();
  await panel.getByRole("img", { name: "Sessions of app/gone" }).waitFor({ timeout: 30_000 });

  await disable(haproxy.socket);
  const event = panel.getByRole("listitem").filter({ hasText: "The server app/good is in" });
  await event.waitFor();
  await panel.getByRole("row", { name: /^good/ }).getByText("maint").waitFor();
  assert.deepEqual(errors, []);
});

/** As an operator would, by the run-time socket. */
function disable(socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = net.connect(socket, () => connection.end("disable server app/good\n"));
    connection.resume().on("close", resolve).on("error", reject);
  });
}
