// Logs of real servers under the load of wrk, rotated by Debian's logrotate as its packages for nginx and Apache do it. The
// server's own lines, in whatever files they are by then, are the truth.
import { mkdir, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { requireProgram, type Running, startProcess } from "../harness.ts";
import { startApache } from "../servers/apache.ts";
import { startNginx } from "../servers/nginx.ts";
import { cellOf, hashOf } from "./fingerprint.ts";
import type { Lane, LaneDefinition, World } from "./lane.ts";
import type { DoomedLine } from "./log-writer.ts";
import { statusMin } from "./numbered-line.ts";

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly process: Running;
}

interface Site {
  /** Starts a server whose log of numbered requests is this file. */
  readonly start: (log: string) => Promise<Server>;
  /** What logrotate is to do, in a block for the log. */
  readonly directives: string;
  /** Lines may be destroyed: what comes between the copy and the truncation. */
  readonly isTruncated: boolean;
}

// The packages' `rotate 14` would delete what is to be counted in the end, and `daily` is what --force is for. In the place
// of `invoke-rc.d … rotate` and `… reload` stands what those do.
const kept = "missingok\nnotifempty\nrotate 1000\ncompress\n";
const reopened = "sharedscripts\npostrotate\nkill -USR1 PID\nendscript\n";

export const servedLanes: Readonly<Record<string, LaneDefinition>> = {
  "nginx-debian": define({
    start: startNumberedNginx,
    directives: `${kept}delaycompress\ncreate 0640 www-data adm\n${reopened}`,
    isTruncated: false,
  }),
  "nginx-dateext": define({
    start: startNumberedNginx,
    directives: `${kept}delaycompress\ndateext\ndateformat -%Y%m%d-%s\ncreate 0640 www-data adm\n${reopened}`,
    isTruncated: false,
  }),
  "nginx-copytruncate": define({
    start: startNumberedNginx,
    directives: `${kept}copytruncate\n`,
    isTruncated: true,
  }),
  "apache-debian": define({
    start: startNumberedApache,
    directives: `${kept}delaycompress\ncreate 640 root adm\n${reopened}`,
    isTruncated: false,
  }),
  "apache-copytruncate": define({
    start: startNumberedApache,
    directives: `${kept}copytruncate\ndelaycompress\n`,
    isTruncated: true,
  }),
};

function define(site: Site): LaneDefinition {
  return {
    files: ["access.log"],
    create: (world) => new ServedLane(site, world),
  };
}

/** Requests that a round can make; what comes then has no number and is not logged. */
const requestsMax = 30_000;
/** Of numbers above the last one that is in the logs, so many may have been destroyed. */
const unseenMax = 50;
const destroyedLineBytesMax = 300;
/** More than a second lies between two, or they would have the same date in their names. */
const rotateMsMin = 1050;

class ServedLane implements Lane {
  readonly #site: Site;
  readonly #world: World;
  readonly #log: string;
  #server: Server | undefined;
  #rotations = 0;

  constructor(site: Site, world: World) {
    this.#site = site;
    this.#world = world;
    this.#log = path.join(world.folder, "access.log");
  }

  get rotations(): number {
    return this.#rotations;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { tally, random, folder } = this.#world;
    const server = (this.#server ??= await this.#start());
    const firstNumber = tally.written + 1;
    await using wrk = await startLoad(folder, server.url, firstNumber);
    const before = this.#rotations;
    while (!signal.aborted) {
      await sleep(rotateMsMin + random.between(0, 200));
      await this.#rotate();
    }
    wrk.signal("SIGINT");
    await wrk.exited;
    // What is answered is logged; Apache's workers of before a graceful restart may take a moment.
    await sleep(500);
    await this.#take(firstNumber, this.#rotations - before);
  }

  /** Deletes all generations but the newest. */
  async tidy(): Promise<void> {
    const { folder } = this.#world;
    const names = (await readdir(folder)).filter((name) => name.startsWith("access.log"));
    for (const name of names.filter((one) => one.endsWith(".gz"))) {
      await unlink(path.join(folder, name));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<Server> {
    const { folder } = this.#world;
    const server = await this.#site.start(this.#log);
    const directives = this.#site.directives.replaceAll("PID", String(server.process.pid));
    const block = `${this.#log} {\n${directives}}\n`;
    await mkdir(path.join(folder, "etc"));
    await writeFile(path.join(folder, "etc", "logrotate.conf"), block, { mode: 0o644 });
    return server;
  }

  async #rotate(): Promise<void> {
    const { folder, note } = this.#world;
    note("logrotate begins");
    const etc = path.join(folder, "etc");
    const args = ["--force", "--state", path.join(etc, "state"), path.join(etc, "logrotate.conf")];
    await using logrotate = await startProcess(requireProgram("logrotate"), args);
    const { code } = await logrotate.exited;
    if (code !== 0) {
      throw new Error(`logrotate failed: ${logrotate.output()}`);
    }
    this.#rotations++;
    note("logrotate has ended");
  }

  /** Tells the tally what the server has written. */
  async #take(firstNumber: number, rotations: number): Promise<void> {
    const { tally, folder } = this.#world;
    const logged = await readNumbers(folder, firstNumber);
    const last = logged.reduce((max, number) => Math.max(max, number), firstNumber) + unseenMax;
    const times = new Map<number, number>();
    logged.forEach((number) => times.set(number, (times.get(number) ?? 0) + 1));
    const missing: DoomedLine[] = [];
    for (let number = firstNumber; number <= last; number++) {
      tally.takeNumber();
      const count = times.get(number) ?? 0;
      if (count === 0) {
        missing.push({ number, sizeBytes: destroyedLineBytesMax });
      }
      // A server that has logged a request twice has written two lines; one without a line was never written.
      tally.difference.add(number, this.#site.isTruncated && count === 0 ? 0 : count - 1);
    }
    if (this.#site.isTruncated) {
      tally.addDoomed(missing, rotations);
    }
  }
}

/** The numbers of all whole lines in the generations of a log that are not below the first. */
async function readNumbers(folder: string, first: number): Promise<readonly number[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith("access.log"));
  const numbers: number[] = [];
  for (const name of names) {
    const bytes = await readFile(path.join(folder, name));
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
    for (const [, number] of text.matchAll(loggedNumber)) {
      numbers.push(Number(number));
    }
  }
  return numbers.filter((number) => number >= first);
}

const loggedNumber = /^\S+ - user\d+ \[[^\]]+\] "GET \S+ HTTP\/1\.1" \d+ (\d+) .*$/gm;

/** Four connections, each with a short pause behind each answer, so that the machine has time for others. */
const load = `
local paths = {}
for line in io.lines(PATHS) do paths[#paths + 1] = line end
local last = 0
function request()
  last = last + 1
  return wrk.format("GET", paths[last] or "/")
end
function delay()
  return math.random(5, 45)
end
`;

async function startLoad(folder: string, url: string, firstNumber: number): Promise<Running> {
  const paths = path.join(folder, "paths.txt");
  const script = path.join(folder, "load.lua");
  const lines = Array.from({ length: requestsMax }, (_, index) => toPath(firstNumber + index));
  await writeFile(paths, lines.join(""));
  await writeFile(script, load.replace("PATHS", JSON.stringify(paths)));
  const args = ["--connections", "4", "--threads", "1", "--duration", "3600s"];
  return startProcess(requireProgram("wrk"), [...args, "--script", script, url]);
}

/** What the server's log is to say is in the path. */
function toPath(number: number): string {
  const user = `user${cellOf("user", number)}`;
  const host = `host${cellOf("host", number)}.example`;
  return `/${user}/${host}/${statusMin + cellOf("status", number)}/${number}/${hashOf(number)}\n`;
}

function startNumberedNginx(log: string): Promise<Server> {
  const parts =
    "(?<n_user>user[^/]+)/(?<n_host>[^/]+)/(?<n_status>[0-9]+)/(?<n_number>[0-9]+)/(?<n_hash>[0-9]+)";
  return startNginx(
    ({ port }) => `
log_format numbered '$remote_addr - $n_user [$time_local] "$request" $n_status $n_number '
  '"$http_referer" "$http_user_agent" "$n_host" $n_hash $request_time';
server {
  listen 127.0.0.1:${port};
  location ~ "^/${parts}$" { access_log ${log} numbered; return 200 "hello\\n"; }
  location / { return 404; }
}`,
  );
}

function startNumberedApache(log: string): Promise<Server> {
  return startApache(`
SetEnvIf Request_URI "^/(user[^/]+)/([^/]+)/([0-9]+)/([0-9]+)/([0-9]+)$" n_user=$1 n_host=$2 n_status=$3 n_number=$4 n_hash=$5
LogFormat "%h - %{n_user}e %t \\"%r\\" %{n_status}e %{n_number}e \\"%{Referer}i\\" \\"%{User-Agent}i\\" \\"%{n_host}e\\" %{n_hash}e %T" numbered
CustomLog ${log} numbered env=n_number
`);
}
