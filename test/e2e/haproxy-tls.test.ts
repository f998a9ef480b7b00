// HAProxy's statistics over TLS: an authority of one's own, a client's certificate, a password; and what is refused.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { findFreePort, skipWithout, waitFor } from "./harness.ts";
import { createCertificate } from "./servers/certificate.ts";
import { startHaproxy } from "./servers/haproxy.ts";
import { startNode } from "./servers/node.ts";

const skip = skipWithout("haproxy", "openssl");

test("statistics are read over TLS, and by nobody who is not trusted", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const plainPort = await findFreePort();
  const tlsPort = await findFreePort();
  let folder = "";
  const haproxy = started.use(
    await startHaproxy(async (site) => {
      folder = site.folder;
      for (const name of ["server", "client"]) {
        const [cert, key] = [`${folder}/${name}.crt`, `${folder}/${name}.key`];
        await createCertificate(cert, key);
        const parts = await Promise.all([cert, key].map((file) => readFile(file, "utf8")));
        await writeFile(`${folder}/${name}.pem`, parts.join(""));
      }
      return `frontend web
  bind 127.0.0.1:${site.port}
  bind 127.0.0.1:${plainPort}
  http-request return status 200
listen stats
  bind 127.0.0.1:${site.statsPort}
  stats enable
  stats uri /plain
listen secured
  bind 127.0.0.1:${tlsPort} ssl crt ${folder}/server.pem ca-file ${folder}/client.crt verify required
  stats enable
  stats uri /stats
  stats auth admin:s3cret
`;
    }),
  );
  const url = `"https://127.0.0.1:${tlsPort}/stats;csv"`;
  const tls = `ca: ${folder}/server.crt, certificate: ${folder}/client.crt, key: ${folder}/client.key`;
  await writeFile(`${folder}/password`, "s3cret\n");
  await writeFile(`${folder}/guess`, "admin\n");
  const login = `username: admin, password: { file: ${folder}/password }`;
  const wrong = `username: admin, password: { file: ${folder}/guess }`;
  const node = started.use(
    await startNode(
      () => `sources:
  good: { kind: haproxy, url: ${url}, every: 500ms, ${login}, tls: { ${tls} } }
  stranger: { kind: haproxy, url: ${url}, every: 500ms, ${login}, tls: { ca: ${folder}/server.crt } }
  untrusted: { kind: haproxy, url: ${url}, every: 500ms, ${login} }
  wrong: { kind: haproxy, url: ${url}, every: 500ms, ${wrong}, tls: { ${tls} } }
`,
    ),
  );
  await fetch(haproxy.url);
  await waitFor("the request", async () => {
    return (await node.total("good", "haproxy_requests_total")) > 0;
  });
  const problems = await waitFor("three refusals", async () => {
    const found = await findProblems(node.url);
    return found.size === 3 ? found : undefined;
  });
  assert.deepEqual([...problems.keys()].toSorted(), ["stranger", "untrusted", "wrong"]);
  assert.match(problems.get("untrusted") ?? "", /self-signed certificate/);
  assert.match(problems.get("wrong") ?? "", /401/);
  assert.match(problems.get("stranger") ?? "", /certificate required|alert|ECONNRESET|closed/);
});

interface SourcesAnswer {
  readonly sources: readonly { readonly id: string; readonly problem: string | null }[];
}

async function findProblems(url: string): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(`${url}api/v1/sources`);
  const { sources } = (await response.json()) as SourcesAnswer;
  return new Map(sources.flatMap(({ id, problem }) => (problem === null ? [] : [[id, problem]])));
}
