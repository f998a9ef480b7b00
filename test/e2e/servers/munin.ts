import { chmod, readFile, readdir, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { createTempFolder, requireProgram, startProcess } from "../harness.ts";

export interface MuninMaster extends AsyncDisposable {
  /** Asks the node once, as cron does each five minutes; resolves to what went into the log, at level debug. */
  update(): Promise<string>;
  /** "shop-elfstats_x-field-g.rrd" for every file that it has written. */
  files(): Promise<readonly string[]>;
  /** What rrdtool says of a file: its step, and the known averages from `fromS` on, in seconds since the epoch. */
  read(file: string, fromS: number): Promise<Rrd>;
}

export interface Rrd {
  readonly stepS: number;
  readonly heartbeatS: number;
  readonly lastUpdateS: number;
  readonly values: readonly (readonly [atS: number, value: number])[];
}

const update = "/usr/share/munin/munin-update";

/** A master in a folder of its own, which knows one node: `node` in the group `test`. */
export async function createMuninMaster(port: number): Promise<MuninMaster> {
  const folder = await createTempFolder();
  // munin-update refuses to run as root, and its own user has to be able to write here.
  await chmod(folder.path, 0o777);
  const { path } = folder;
  await writeFile(
    folder.join("munin.conf"),
    `dbdir ${path}
htmldir ${path}
logdir ${path}
rundir ${path}
[test;node]
address 127.0.0.1
port ${port}
`,
  );
  const log = folder.join("munin-update.log");
  const command = [update, "--config_file", folder.join("munin.conf"), "--nofork", "--debug"];
  const files = async (): Promise<readonly string[]> => {
    const names: readonly string[] = await readdir(folder.join("test"));
    return names.toSorted();
  };
  return {
    files,
    async update() {
      await rm(log, { force: true });
      const asUser = process.getuid?.() === 0 ? ["runuser", "-u", "munin", "--"] : [];
      const [program = "", ...args] = [...asUser, ...command];
      const running = await startProcess(program, args);
      const { code } = await running.exited;
      const text = await readFile(log, "utf8");
      if (code !== 0) {
        throw new Error(`munin-update ended with ${code}\n${running.output()}\n${text}`);
      }
      return text;
    },
    async read(file, fromS) {
      const full = folder.join("test", file);
      const info = await runRrdtool(["info", full]);
      const number = (pattern: RegExp): number => Number(pattern.exec(info)?.[1]);
      const stepS = number(/^step = (\d+)$/m);
      const lastUpdateS = number(/^last_update = (\d+)$/m);
      const range = ["-s", String(fromS), "-e", String(lastUpdateS), "-r", String(stepS)];
      const table = await runRrdtool(["fetch", full, "AVERAGE", ...range]);
      const values = [...table.matchAll(/^(\d+): (\S+)$/gm)]
        .map(([, atS, value]) => [Number(atS), Number(value)] as const)
        .filter(([, value]) => !Number.isNaN(value));
      return { stepS, heartbeatS: number(/minimal_heartbeat = (\d+)$/m), lastUpdateS, values };
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function runRrdtool(args: readonly string[]): Promise<string> {
  const running = await startProcess(requireProgram("rrdtool"), args);
  const { code } = await running.exited;
  if (code !== 0) {
    throw new Error(`rrdtool ${args.join(" ")}: ${running.output()}`);
  }
  return running.stdout();
}

/** What a node answers to these lines, the last of which is to be `quit`. */
export async function talkToNode(port: number, lines: readonly string[]): Promise<string> {
  const socket = net.connect({ port, host: "127.0.0.1" });
  socket.setEncoding("utf8");
  socket.write(lines.map((line) => `${line}\n`).join(""));
  const pieces = await Array.fromAsync<string>(socket);
  return pieces.join("");
}
