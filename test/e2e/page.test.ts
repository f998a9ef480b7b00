// The first ten minutes, in short: the demo starts, its page moves in a real browser, an incident opens and clears.
import assert from "node:assert/strict";
import test from "node:test";
import { skipWithout, startWatchpost, waitFor } from "./harness.ts";
import { openPage } from "./servers/chromium.ts";

test(
  "the demo's page moves, and an incident opens and clears",
  { skip: skipWithout("chromium") },
  async () => {
    await using demo = await startWatchpost(["demo"]);
    const url = await waitFor("the address", () => /http:\S+/.exec(demo.stderr())?.[0], {
      process: demo,
    });
    assert.match(demo.stderr(), /^Watchpost [\d.]+: http:/, "the address comes first");
    await using opened = await openPage(url);
    const { page, errors } = opened;

    await page.getByText("parsed").first().waitFor();
    const before = await page.locator("canvas").first().screenshot();
    await waitFor("the charts to move", async () => {
      const now = await page.locator("canvas").first().screenshot();
      return !now.equals(before);
    });

    await page.getByText("1 open incident").waitFor({ timeout: 60_000 });
    await page.getByText("high-traffic").first().waitFor();
    await page.getByText("No open incidents").waitFor({ timeout: 60_000 });
    await page.getByText("Recently cleared").waitFor();
    assert.deepEqual(errors, []);

    assert.match(demo.stderr(), /Ctrl-C\s*$/, "nothing noisy after the introduction");
    assert.equal(demo.stdout(), "");
  },
);
