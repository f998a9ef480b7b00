import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  type Running,
  startWatchpost,
  waitFor,
} from "../harness.ts";

export interface StartedNode extends AsyncDisposable {
  readonly process: Running;
  /** "http://127.0.0.1:…/" */
  readonly url: string;
  /** A path in its own folder, where its configuration and data are. */
  readonly join: (name: string) => string;
  /** What a count of a source has come to, over all its labels. */
  total(source: string, metric: string): Promise<number>;
}

/**
 * Starts a node with these sections of a configuration, in a folder of its own; resolves when it answers. `env` is added
 * to its environment, for secrets.
 */
export async function startNode(
  toSections: (join: (name: string) => string) => string,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedNode> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const head = `node: { name: e2e }\nserver: { listen: "127.0.0.1:${port}" }\n`;
  await writeFile(folder.join("watchpost.yml"), `${head}${toSections(folder.join)}`);
  const process = cleanUp.use(
    await startWatchpost(["run", "-c", folder.join("watchpost.yml")], { env }),
  );
  const url = `http://127.0.0.1:${port}/`;
  await waitFor("the address", () => process.stderr().includes(url), { process });
  const owned = cleanUp.move();
  return {
    process,
    url,
    join: folder.join,
    total: (source, metric) => fetchTotal(url, source, metric),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface SourcesAnswer {
  readonly sources: readonly {
    readonly id: string;
    readonly totals: readonly { readonly name: string; readonly value: number }[];
  }[];
}

async function fetchTotal(url: string, source: string, metric: string): Promise<number> {
  const response = await fetch(`${url}api/v1/sources`);
  const { sources } = (await response.json()) as SourcesAnswer;
  const totals = sources.find(({ id }) => id === source)?.totals ?? [];
  return totals.reduce((sum, { name, value }) => sum + (name === metric ? value : 0), 0);
}
