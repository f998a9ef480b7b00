// The run-time socket: `show info` and `show stat` in one go, so that both are of the same process.
// HAProxy 2.6 management guide, section 9.3; rights of `level user` are enough.
import type { Context } from "../core/component.ts";
import type { Address } from "../core/network.ts";
import type { Dump } from "./count-since.ts";
import { parseStats } from "./parse-stats.ts";
import { parseShowInfo } from "./process-info.ts";
import { readLimited } from "./read-limited.ts";

export type AskWorld = Pick<Context, "signal" | "network">;

export interface Selection {
  readonly isWanted: (proxy: string) => boolean;
  /** Longer answers are refused. */
  readonly sizeBytesMax: number;
}

/** Asks one worker. Rejects with the codes of the network, or in words for an answer that says nothing. */
export async function askSocket(
  address: Address,
  selection: Selection,
  world: AskWorld,
): Promise<Dump> {
  const answer = await exchange(address, "show info; show stat\n", {
    ...world,
    sizeBytesMax: selection.sizeBytesMax,
  });
  if (answer.startsWith("Unknown command")) {
    const hint = "if it is the master socket (haproxy -S), name it as `master` instead of `socket`";
    throw new Error(`HAProxy does not know the commands show info and show stat there; ${hint}`);
  }
  return toDump(answer, selection);
}

/** Sends commands on a new connection and resolves to all that comes until HAProxy ends it. */
export async function exchange(
  address: Address,
  commands: string,
  { signal, network, sizeBytesMax }: AskWorld & { readonly sizeBytesMax: number },
): Promise<string> {
  await using connection = await network.connect(address, { signal });
  await connection.write(commands);
  return await readLimited(connection.chunks, sizeBytesMax);
}

/** The answer to `show info` and `show stat`, one behind the other. */
export function toDump(answer: string, { isWanted }: Selection): Dump {
  const split = answer.indexOf("# pxname,");
  const process = split < 0 ? undefined : parseShowInfo(answer.slice(0, split));
  const stats = parseStats(split < 0 ? answer : answer.slice(split), { isWanted, end: "\n\n" });
  if (process === undefined) {
    throw new Error("HAProxy did not tell its process; may the socket's level answer show info?");
  }
  return { process, stats };
}
