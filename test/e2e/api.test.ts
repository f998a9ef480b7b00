// Every example of the API's description, asked of a running node: each is answered, and as its schema says.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test from "node:test";
import { toLogTime } from "../../src/access-log/format/to-log-time.ts";
import { routes } from "../../src/server/routes.ts";
import { createTempFolder, findFreePort, startWatchpost, waitFor } from "./harness.ts";

test("the API answers its own examples as it describes them", async () => {
  await using folder = await createTempFolder();
  const port = await findFreePort();
  const recent = Array.from({ length: 50 }, (_, i) => toLine(Date.now() - i * 1000)).toReversed();
  await writeFile(folder.join("access.log"), recent.join(""));
  await writeFile(
    folder.join("watchpost.yml"),
    `server: { listen: "127.0.0.1:${port}" }
sources:
  shop: { kind: access-log, files: access.log, from: start, every: 1s, templates: true }
`,
  );
  await using node = await startWatchpost(["run", "-c", folder.join("watchpost.yml")]);
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await waitFor(
    "the requests in the history",
    async () => {
      const sum = "/api/v1/query?select=http_requests_total&aggregate=sum&step=1h";
      const answer = await ask(sum).catch(() => undefined);
      const { series = [] } = ((await answer?.json()) ?? {}) as { series?: unknown[] };
      return series.length > 0;
    },
    { process: node },
  );

  let asked = 0;
  for (const route of routes) {
    const queries = route.kind === "json" ? (route.examples ?? [{ query: "" }]) : [];
    for (const { query } of queries) {
      const answer = await ask(`${route.path}?${query}`);
      const body: unknown = await answer.json();
      assert.equal(answer.status, 200, `${route.path}?${query}: ${JSON.stringify(body)}`);
      if (route.kind === "json") {
        route.reply.parse(body);
      }
      asked++;
    }
  }
  const withAnswers = routes.filter(({ kind }) => kind === "json");
  assert.ok(asked >= withAnswers.length, `${asked} questions`);

  const described = (await (await ask("/api/v1/openapi.json")).json()) as { paths: object };
  assert.deepEqual(
    Object.keys(described.paths).toSorted(),
    routes.map(({ path }) => path).toSorted(),
  );
});

function toLine(ms: number): string {
  return `192.0.2.1 - ann [${toLogTime(ms)}] "GET /api/cart?id=1 HTTP/1.1" 200 10 "-" "-" 0.25\n`;
}
