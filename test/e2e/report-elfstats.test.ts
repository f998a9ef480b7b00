// `watchpost report --elfstats` over archives, against reports that were worked out from the lines by the rules of
// elfstatsd alone: its windows are positional, so that lines out of their order count where they stand.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import zlib from "node:zlib";
import { convertElfstatsd } from "../../src/config/convert/elfstatsd.ts";
import { createRandom, writeOddLog } from "../elfstats-log.ts";
import { createElfstatsOracle } from "../elfstats-oracle.ts";
import { settings, settingsText } from "../elfstats-settings.ts";
import { createTempFolder, startWatchpost, type TempFolder } from "./harness.ts";

const startMs = Date.parse("2026-03-01T10:00:00Z");
const roundMs = 300_000;
const rounds = 4;

const log = disorder(
  writeOddLog({
    seed: 31,
    startMs,
    seconds: (rounds * roundMs) / 1000,
    lines: 20_000,
    roundS: roundMs / 1000,
    unit: "microseconds",
  }),
);

/** Lines change places with others a little further on, also over the ends of rounds. */
function disorder(lines: readonly string[]): string[] {
  const random = createRandom(5);
  const mixed = [...lines];
  for (let index = 0; index < mixed.length; index += 1 + Math.floor(random() * 20)) {
    const other = Math.min(mixed.length - 1, index + Math.floor(random() * 120));
    const [one, two] = [mixed[index] ?? "", mixed[other] ?? ""];
    [mixed[index], mixed[other]] = [two, one];
  }
  return mixed;
}

test("a report of each stretch of an archive is what elfstatsd would have written", async () => {
  await using folder = await createTempFolder();
  const half = Math.floor(log.length / 2);
  const paths = [folder.join("access.log.1.gz"), folder.join("access.log")];
  await writeFile(paths[0] ?? "", zlib.gzipSync(toText(log.slice(0, half))));
  await writeFile(paths[1] ?? "", toText(log.slice(half)));
  await writeConfig(folder);
  const whole = createElfstatsOracle(settings, log);
  for (let round = 0; round < rounds; round++) {
    const [since, until] = [startMs + round * roundMs, startMs + (round + 1) * roundMs];
    // As elfstatsd after a start: what earlier rounds have seen is not in the report.
    const expected = createElfstatsOracle(settings, log.slice(whole.position())).nextReport(until);
    whole.nextReport(until);
    const range = ["--until", new Date(until).toISOString()];
    const from = round === 0 ? [] : ["--since", new Date(since).toISOString()];
    const { code, stdout, stderr } = await report(folder, [...from, ...range, ...paths]);
    // How long it took is the only thing that nobody can know.
    const found = stdout.replace(/^daemon_worked = .*$/m, "daemon_worked = 0.0 sec");
    assert.deepEqual(found.split("\n"), expected.split("\n"), `round ${round}`);
    assert.equal(code, 0, stderr);
  }
});

test("what cannot be reported is said", async () => {
  await using folder = await createTempFolder();
  await writeConfig(folder);
  const missing = await report(folder, [folder.join("gone.log")]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /no report was written: .*gone\.log/);
  await writeFile(folder.join("empty.log"), "");
  assert.equal((await report(folder, [folder.join("empty.log")])).code, 1);
});

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

async function writeConfig(folder: TempFolder): Promise<void> {
  const yaml = convertElfstatsd(settingsText, "settings.py");
  await writeFile(
    folder.join("w.yml"),
    yaml.replace(/^( +)kind: elfstats-report$/m, "$&\n$1timezone: utc"),
  );
}

async function report(folder: TempFolder, args: readonly string[]) {
  const command = ["report", "--elfstats", "-", "-c", folder.join("w.yml")];
  await using running = await startWatchpost([...command, ...args]);
  const { code } = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}
