// The kinds of logs that are tortured, one source each.
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Naming } from "./generations.ts";
import { FormerLogs } from "./former-logs.ts";
import {
  createRotatedLog,
  createWriting,
  type Lane,
  type LaneDefinition,
  tortureLog,
  type World,
  writeForAWhile,
} from "./lane.ts";
import { LogWriter } from "./log-writer.ts";
import type { RotatedLog } from "./rotations.ts";

const globbedLogsMax = 4;
/** How long a log that is to be deleted waits for the node to die. */
const downMsMax = 8000;

export const lanes: Readonly<Record<string, LaneDefinition>> = {
  numbered: {
    files: ["access.log"],
    create: (world) => createPlain("numbers", world),
  },
  dated: {
    files: ["access.log"],
    create: (world) => createPlain("dates", world),
  },
  glob: {
    files: ["site-*.log", "extra/access.log"],
    create: createGlobbed,
  },
  daily: {
    files: ["access-%Y-%m-%d.log"],
    create: (world) => createSuccessive(dayOf, world),
  },
  serial: {
    files: ["access-*.log"],
    create: (world) => createSuccessive((serial) => String(serial).padStart(6, "0"), world),
  },
  link: {
    files: ["current.log"],
    create: createLinked,
  },
  reborn: {
    files: ["access.log"],
    create: createReborn,
  },
};

/** Those with these names; all when undefined. */
export function pickLanes<T>(
  all: Readonly<Record<string, T>>,
  names: readonly string[] | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([id]) => names?.includes(id) ?? true));
}

function createPlain(naming: Naming, world: World): Lane {
  const log = createRotatedLog(path.join(world.folder, "access.log"), naming, world);
  return {
    run: (signal) => tortureLog(log, world, signal),
    tidy: () => log.generations.trim(3),
  };
}

/** Logs that appear while the node runs, each rotated in its own way, and one that a list names beside the pattern. */
function createGlobbed(world: World): Lane {
  const { folder, random, note } = world;
  mkdirSync(path.join(folder, "extra"));
  const logs: RotatedLog[] = [];
  const addLog = (name: string): RotatedLog => {
    note(`${name} appears`);
    const log = createRotatedLog(path.join(folder, name), "numbers", {
      ...world,
      random: random.fork(name),
    });
    logs.push(log);
    return log;
  };
  addLog("extra/access.log");
  return {
    async run(signal) {
      const running = logs.map((log) => tortureLog(log, world, signal));
      while (!signal.aborted) {
        if (logs.length < globbedLogsMax) {
          running.push(tortureLog(addLog(`site-${logs.length}.log`), world, signal));
        }
        await sleep(random.between(200, 4000));
      }
      await Promise.all(running);
    },
    async tidy() {
      for (const log of logs) {
        await log.generations.trim(3);
      }
    },
  };
}

/** Days pass quickly here. */
function dayOf(serial: number): string {
  return new Date(Date.UTC(2026, 0, serial)).toISOString().slice(0, 10);
}

/** Each log has a name of its own and is never renamed: the next one begins, and the last ones are compressed. */
function createSuccessive(nameOf: (serial: number) => string, world: World): Lane {
  const { folder, random, note } = world;
  let serial = 0;
  const nextPath = (): string => path.join(folder, `access-${nameOf(++serial)}.log`);
  const writer = new LogWriter(nextPath());
  const write = createWriting(writer, world);
  const former = new FormerLogs(random);
  let current = writer.path;
  return {
    async run(signal) {
      while (!signal.aborted) {
        await writeForAWhile(write, random, signal);
        former.add(current);
        current = nextPath();
        writer.reopen(current);
        note(`goes on in ${path.basename(current)}`);
        if (random.chance(0.6)) {
          await former.compressOldest();
        }
      }
      writer.write();
    },
    tidy: async () => former.trim(3),
  };
}

/** A link with a fixed name points to the log of the day; the writer follows it sooner or later. */
function createLinked(world: World): Lane {
  const { folder, random, note } = world;
  const link = path.join(folder, "current.log");
  let serial = 0;
  const nextTarget = (): string => {
    const target = path.join(folder, `current-${String(++serial).padStart(6, "0")}.log`);
    writeFileSync(target, "", { flag: "wx" });
    symlinkSync(path.basename(target), `${link}.new`);
    renameSync(`${link}.new`, link);
    return target;
  };
  const former = new FormerLogs(random);
  let current = nextTarget();
  const writer = new LogWriter(current);
  const write = createWriting(writer, world);
  return {
    async run(signal) {
      while (!signal.aborted) {
        await writeForAWhile(write, random, signal);
        former.add(current);
        current = nextTarget();
        note(`the link leads to ${path.basename(current)}`);
        if (random.chance(0.5)) {
          await writeForAWhile(write, random, AbortSignal.timeout(random.between(0, 800)));
        }
        writer.reopen(current);
        note(`writes to ${path.basename(current)}`);
        if (random.chance(0.4)) {
          await former.compressOldest();
        }
      }
      writer.write();
    },
    tidy: async () => former.trim(2),
  };
}

/**
 * A log that is deleted when all of it is counted, and made anew: while the node is dead, so that the file system gives
 * the new file the inode of the old one, or while it runs.
 */
function createReborn(world: World): Lane {
  const { folder, random, tally, note } = world;
  const writer = new LogWriter(path.join(folder, "access.log"));
  const write = createWriting(writer, world);
  return {
    async run(signal) {
      while (!signal.aborted) {
        await writeForAWhile(write, random, signal);
        writer.write();
        const isSettled = await isSoon(world.settled(signal));
        if (isSettled && random.chance(0.8)) {
          await untilDown(world, signal);
        }
        if (isSettled && tally.isSettled) {
          unlinkSync(writer.path);
          writer.reopen();
          note("deleted and made anew");
        }
      }
      writer.write();
    },
    tidy: async () => {},
  };
}

async function untilDown({ isDown }: World, signal: AbortSignal): Promise<void> {
  const endsAt = performance.now() + downMsMax;
  while (!isDown() && !signal.aborted && performance.now() < endsAt) {
    await sleep(2);
  }
}

async function isSoon(waiting: Promise<void>): Promise<boolean> {
  try {
    await waiting;
    return true;
  } catch {
    return false;
  }
}
