// `watchpost report` and `watchpost formats` on real files, through real processes and workers.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { suite, test } from "node:test";
import zlib from "node:zlib";
import { createLogGenerator } from "../../src/access-log/log-generator.ts";
import type { Report } from "../../src/access-log/report/report.ts";
import { scanLogs } from "../../src/access-log/report/scan-logs.ts";
import { toReport } from "../../src/access-log/report/to-report.ts";
import {
  createTempFolder,
  skipWithout,
  startWatchpost,
  type TempFolder,
  waitFor,
} from "./harness.ts";
import { openPage } from "./servers/chromium.ts";

const startMs = Date.UTC(2026, 9, 10);
const lines = createLogGenerator({ seed: 11, startMs }).linesFor(startMs, startMs + 600_000);
const log = Buffer.from(`${lines.join("\n")}\n`);
/** 500 and above, counted by the plainest means. */
const failed = lines.filter((line) => /" 5\d\d (?:\d+|-) "/.test(line)).length;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[]): Promise<Ended> {
  await using running = await startWatchpost(args);
  const { code } = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

async function report(...args: readonly string[]): Promise<Ended & { readonly report: Report }> {
  const ended = await run(["report", "--json", ...args]);
  return { ...ended, report: JSON.parse(ended.stdout) as Report };
}

/** All but the names of the files. */
function contentOf({ files: _files, ...content }: Report): object {
  return content;
}

/** Cut between two lines. */
function halves(bytes: Buffer): Buffer[] {
  const at = bytes.indexOf("\n", bytes.length / 2) + 1;
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

async function writeLog(folder: TempFolder, name: string, bytes: Uint8Array): Promise<string> {
  const file = folder.join(name);
  await writeFile(file, bytes);
  return file;
}

suite("the same log gives the same report", () => {
  test("plain, gzip and zstd with several members, standard input, in two files", async () => {
    await using folder = await createTempFolder();
    const cut = log.indexOf(10, log.length / 2) + 1;
    const [first, second] = [log.subarray(0, cut), log.subarray(cut)];
    const plain = await writeLog(folder, "a.log", log);
    const whole = await report(plain);
    assert.equal(whole.code, 0, whole.stderr);
    assert.equal(whole.report.lines.read, lines.length);
    const fives = Object.entries(whole.report.status).filter(([status]) => status.startsWith("5"));
    assert.equal(
      fives.reduce((sum, [, count]) => sum + count, 0),
      failed,
    );
    assert.match(whole.stderr, /a\.log: format .*\$request_time \(fits all of the first lines\)/);

    const gz = Buffer.concat([zlib.gzipSync(first), zlib.gzipSync(second)]);
    const zst = Buffer.concat([zlib.zstdCompressSync(first), zlib.zstdCompressSync(second)]);
    const others: readonly (readonly string[])[] = [
      [await writeLog(folder, "no-suffix", gz)],
      [await writeLog(folder, "a.zst", zst)],
      [await writeLog(folder, "1.log", first), await writeLog(folder, "2.log", second)],
    ];
    for (const files of others) {
      const other = await report(...files);
      assert.deepEqual(contentOf(other.report), contentOf(whole.report), files.join());
    }
    const main = path.resolve(import.meta.dirname, "../../src/main.ts");
    const child = spawn(process.execPath, [main, "report", "--json", "-"]);
    createReadStream(others[1]?.[0] ?? "").pipe(child.stdin);
    const stdout = (await child.stdout.toArray()).join("");
    assert.deepEqual(contentOf(JSON.parse(stdout) as Report), contentOf(whole.report));
  });

  test("in any number of ranges, on more workers than cores", async () => {
    await using folder = await createTempFolder();
    const plain = await writeLog(folder, "a.log", log);
    const options = { topMax: 100, quantiles: [], slowSeconds: undefined, hasFailures: true };
    const scan = async (rangeBytes: number | undefined, workersMax: number): Promise<Report> => {
      const scanned = await scanLogs({
        paths: [plain],
        request: {
          spec: { groups: { rules: [], templates: true }, windowMs: 1000 },
          formatOptions: {},
          isFormatGiven: false,
        },
        format: undefined,
        signal: new AbortController().signal,
        workersMax,
        rangeBytes,
      });
      return toReport(scanned, options);
    };
    const whole = await scan(undefined, 1);
    assert.ok((whole.failures?.length ?? 0) > 0);
    for (const rangeBytes of [log.length / 2, 100_000, 77_777]) {
      assert.deepEqual(await scan(rangeBytes, 4), whole);
    }
  });

  test("a W3C log keeps its header, however large the file", async () => {
    await using folder = await createTempFolder();
    const head =
      "#Software: Microsoft IIS\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\n";
    const rows = Array.from(
      { length: 2000 },
      (_, at) =>
        `2026-10-10 10:00:${String(at % 60).padStart(2, "0")} GET /p/${at % 7} 200 ${at}\n`,
    );
    const file = await writeLog(folder, "iis.log", Buffer.from(head + rows.join("")));
    const { report: found, stderr } = await report(file);
    assert.equal(found.requests, 2000);
    assert.equal(found.lines.comment, 2);
    assert.equal(found.duration.max, 1.999);
    assert.match(stderr, /format (?:w3c|iis)/);
  });
});

suite("bad input", () => {
  test("is named and counted; the other files are reported", async () => {
    await using folder = await createTempFolder();
    const random = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * at * 7919) % 251));
    await mkdir(folder.join("dir"));
    const cases: readonly (readonly [name: string, bytes: Uint8Array | undefined, code: string])[] =
      [
        ["binary", random, "unknown-format"],
        ["nothing", Buffer.alloc(0), "empty"],
        ["nothing.gz", zlib.gzipSync(""), "empty"],
        ["zeros", Buffer.alloc(3_000_000), "unknown-format"],
        ["cut.gz", zlib.gzipSync(log).subarray(0, 200_000), "truncated"],
        ["cut.zst", zlib.zstdCompressSync(log).subarray(0, 200_000), "truncated"],
        ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]), "foreign-compression"],
        ["dir", undefined, "folder"],
        ["gone", undefined, "missing"],
      ];
    const good = await writeLog(folder, "good.log", log);
    const files: string[] = [];
    for (const [name, bytes] of cases) {
      files.push(bytes === undefined ? folder.join(name) : await writeLog(folder, name, bytes));
    }
    const { report: found, code, stderr } = await report(good, ...files);
    assert.equal(code, 1);
    const codes = found.files.map(({ problem }) => problem?.code);
    assert.deepEqual(codes, [undefined, ...cases.map(([, , expected]) => expected)]);
    const { read, ...others } = found.lines;
    assert.equal(
      Object.values(others).reduce((sum, count) => sum + count, 0),
      read,
    );
    assert.equal(
      found.files.reduce((sum, file) => sum + file.lines, 0),
      read,
    );
    assert.ok(found.requests > lines.length, "what could be read of the cut files counts");
    assert.equal(found.lines.tooLong > 0, true);
    assert.match(stderr, /cut\.gz ends in the middle of its compressed data/);

    const alone = await report(folder.join("nothing"));
    assert.equal(alone.code, 1);
    assert.equal((await report(good, folder.join("nothing"))).code, 0);
  });

  test("NULs, invalid UTF-8 and a line without end inside a sound log", async () => {
    await using folder = await createTempFolder();
    const middle = Buffer.concat([
      Buffer.from(`${lines[0]?.replace("GET /", "GET /\u0000")}\n`),
      Buffer.from([0xff, 0xfe, 0x0a]),
      Buffer.alloc(5_000_000, "x"),
      Buffer.from("\n"),
    ]);
    const file = await writeLog(folder, "odd.log", Buffer.concat([log, middle, log]));
    const { report: found, code } = await report("--unparsed", file);
    const whole = await report(await writeLog(folder, "a.log", log));
    assert.equal(code, 0);
    assert.equal(found.lines.read, 2 * lines.length + 3);
    assert.equal(found.lines.tooLong, 1);
    assert.equal(found.requests, 2 * whole.report.requests + 1);
    assert.equal(found.failures?.length, 20);
  });

  test("bad usage is 2", async () => {
    for (const args of [["report"], ["report", "x", "--json", "--csv"], ["report", "x", "--bad"]]) {
      const { code, stderr } = await run(args);
      assert.equal(code, 2, stderr);
      assert.notEqual(stderr, "");
    }
  });

  test("SIGINT ends a report that waits for a pipe", async () => {
    await using folder = await createTempFolder();
    const pipe = folder.join("pipe");
    execFileSync("mkfifo", [pipe]);
    await using running = await startWatchpost(["report", pipe, "--format", "combined"]);
    await waitFor("the workers", async () => {
      const tasks = await readFile(`/proc/${running.pid}/status`, "utf8");
      return Number(/Threads:\s+(\d+)/.exec(tasks)?.[1]) > 11;
    });
    running.signal("SIGINT");
    assert.deepEqual(await running.exited, { code: 1, signal: null });
    assert.match(running.stderr(), /stopped/);
  });
});

suite("what is asked for", () => {
  test("a stretch of time, a condition, groups, and anonymous clients", async () => {
    await using folder = await createTempFolder();
    const file = await writeLog(folder, "a.log", log);
    const { report: found } = await report(
      file,
      "--since",
      "2026-10-10T00:02:00Z",
      "--until",
      "2026-10-10 00:04",
      "--where",
      "status >= 500",
      "--anonymise",
      "--group=^/api/(?<group>\\w+)/(?<method>\\w+)",
    );
    assert.ok(found.requests > 0 && found.requests < failed);
    assert.ok((found.from ?? "") >= "2026-10-10T00:02" && (found.to ?? "") < "2026-10-10T00:04");
    assert.ok(Object.keys(found.status).every((status) => Number(status) >= 500));
    assert.ok(found.groups.some(({ group }) => group === "cart/add"));
    assert.ok(found.top.clients.every(({ key }) => /\.0$|::$/.test(key)));
    assert.equal(found.lines.read, lines.length);
  });

  test("a source of the configuration", async () => {
    await using folder = await createTempFolder();
    const [half = Buffer.alloc(0), rest = half] = halves(log);
    await writeLog(folder, "shop-1.log", half);
    await writeLog(folder, "shop-2.log", rest);
    await writeFile(
      folder.join("watchpost.yml"),
      [
        "sources:",
        "  shop:",
        "    kind: access-log",
        "    files: 'shop-*.log'",
        "    slow: 200ms",
        "    groups: [{ match: '^/(?<group>api|static)/' }]",
      ].join("\n"),
    );
    const config = ["-c", folder.join("watchpost.yml")];
    const { report: found, stderr } = await report(...config);
    assert.equal(found.lines.read, lines.length, stderr);
    assert.deepEqual(found.groups.map(({ group }) => group).toSorted(), [
      "(ungrouped)",
      "api",
      "static",
    ]);
    assert.equal(found.slow?.threshold, 0.2);
    assert.equal((await run(["report", ...config, "--source", "other"])).code, 2);
  });

  test("text and CSV", async () => {
    await using folder = await createTempFolder();
    const file = await writeLog(folder, "a.log", log);
    const text = await run(["report", file, "--slow", "500ms"]);
    assert.equal(text.code, 0);
    for (const heading of ["Requests over time", "Status", "Groups", "Paths", "Clients", "Lines"]) {
      assert.match(text.stdout, new RegExp(`^${heading}`, "m"));
    }
    assert.doesNotMatch(text.stdout, /\p{Cc}(?<!\n)/u);
    const csv = await run(["report", file, "--csv"]);
    assert.match(csv.stdout, /^section,name,requests,.*\r\ntotal,all,\d+,/);
  });

  test(
    "a page that a browser shows without complaint",
    { skip: skipWithout("chromium") },
    async () => {
      await using folder = await createTempFolder();
      const evil = lines[0]?.replace(/GET \S+/, "GET /<script>document.title='x'</script>");
      const file = await writeLog(folder, "a.log", Buffer.concat([log, Buffer.from(`${evil}\n`)]));
      const html = folder.join("report.html");
      const { code, stdout } = await run(["report", file, "--html", html, "--top", "1000"]);
      assert.deepEqual([code, stdout], [0, ""]);
      assert.ok((await stat(html)).size < 1_000_000);
      for (const colorScheme of ["light", "dark"] as const) {
        await using opened = await openPage(`file://${html}`, { colorScheme });
        const { page, errors } = opened;
        assert.match(await page.title(), /a\.log$/);
        assert.equal(await page.locator("svg").count(), 2);
        await page.getByText("/products/{id}").first().waitFor();
        await page.getByText("<script>").first().waitFor();
        assert.deepEqual(errors, []);
      }
    },
  );
});

suite("formats", () => {
  test("are listed", async () => {
    const { stdout } = await run(["formats"]);
    assert.match(stdout, /^ {2}combined +Apache's and nginx's default/m);
    assert.match(stdout, /^ {2}regex: +a regular expression/m);
    const { names, languages } = JSON.parse((await run(["formats", "--json"])).stdout);
    assert.ok("haproxy-http" in names && "nginx" in languages);
  });

  test("are detected, with the configuration to paste", async () => {
    await using folder = await createTempFolder();
    const file = await writeLog(folder, "a.gz", zlib.gzipSync(log));
    const { stdout, code } = await run(["formats", "detect", file]);
    assert.equal(code, 0);
    assert.match(stdout, /^sure {4}fits all of the first lines$/m);
    const sample = stdout.slice(stdout.indexOf("sources:"));
    await writeFile(folder.join("watchpost.yml"), sample);
    const checked = await run(["config", "check", folder.join("watchpost.yml")]);
    assert.equal(checked.code, 0, checked.stderr);
    const answer = JSON.parse((await run(["formats", "detect", "--json", file])).stdout);
    assert.ok(answer.share > 0.9 && answer.fields.includes("duration"));
    assert.equal(answer.configuration, sample);
  });

  test("what is in none says so", async () => {
    await using folder = await createTempFolder();
    const file = await writeLog(folder, "poem", Buffer.from("roses are red\nviolets are blue\n"));
    const { code, stderr } = await run(["formats", "detect", file]);
    assert.equal(code, 1);
    assert.match(stderr, /is in no known format/);
    assert.equal((await run(["formats", "detect", folder.join("gone")])).code, 2);
  });
});
