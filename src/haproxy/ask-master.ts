// The master socket (haproxy -W -S PATH) also answers for the workers that reloads have left behind, while they finish
// their sessions. HAProxy 2.6 management guide, section 9.4.
import type { Address } from "../core/network.ts";
import { exchange, toDump, type AskWorld, type Selection } from "./ask-socket.ts";
import type { Dump } from "./count-since.ts";

/** The oldest of more are left out; then their counts are missing, as if they had ended. */
const oldWorkersMax = 8;

/** Asks every worker: the current one first, then the old ones, youngest first. */
export async function askMaster(
  address: Address,
  selection: Selection,
  world: AskWorld,
): Promise<readonly Dump[]> {
  const { sizeBytesMax } = selection;
  const list = await exchange(address, "show proc;quit\n", { ...world, sizeBytesMax });
  const [current, ...old] = parseShowProc(list);
  if (current === undefined) {
    throw new Error("the socket names no worker; is it the master socket (haproxy -W -S)?");
  }
  const dumps = [await askWorker(current, address, { selection, world })];
  for (const pid of old.slice(0, oldWorkersMax)) {
    const dump = await askOldWorker(pid, address, { selection, world });
    if (dump !== undefined) {
      dumps.push(dump);
    }
  }
  return dumps;
}

/** The numbers of the workers: the current one first. */
export function parseShowProc(text: string): number[] {
  const pids: number[] = [];
  for (const line of text.split("\n")) {
    const [, pid] = /^(\d{1,10})\s+worker\s/.exec(line) ?? [];
    if (pid !== undefined) {
      pids.push(Number(pid));
    }
  }
  return pids;
}

interface Question {
  readonly selection: Selection;
  readonly world: AskWorld;
}

async function askWorker(
  pid: number,
  address: Address,
  { selection, world }: Question,
): Promise<Dump> {
  const commands = `@!${pid} show info;@!${pid} show stat;quit\n`;
  const { sizeBytesMax } = selection;
  return toDump(await exchange(address, commands, { ...world, sizeBytesMax }), selection);
}

/** Undefined for one that ends while it is asked: that is what old workers do. */
async function askOldWorker(
  pid: number,
  address: Address,
  question: Question,
): Promise<Dump | undefined> {
  try {
    return await askWorker(pid, address, question);
  } catch {
    question.world.signal.throwIfAborted();
    return undefined;
  }
}
