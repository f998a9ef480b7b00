// A lane is one source with the logs that it follows, and what is done to them.
import { setTimeout as sleep } from "node:timers/promises";
import { Generations, type Naming } from "./generations.ts";
import { LogWriter } from "./log-writer.ts";
import { toLine } from "./numbered-line.ts";
import type { Random } from "./random.ts";
import { type RotatedLog, type RotationName, rotations } from "./rotations.ts";
import type { Tally } from "./tally.ts";

/** What a lane may see of the torture around it. */
export interface World {
  /** The lane's own folder, which exists. */
  readonly folder: string;
  readonly random: Random;
  readonly tally: Tally;
  /** Rotations that are asked for; all when undefined. */
  readonly rotations: readonly string[] | undefined;
  /** For people who look for a cause: what was done, with the numbers at that moment. */
  readonly note: (what: string) => void;
  /** Resolves once everything that was written is counted, or rejects with the signal's reason. */
  readonly settled: (signal: AbortSignal) => Promise<void>;
  /** Whether the node is dead just now. */
  readonly isDown: () => boolean;
}

export interface Lane extends Partial<AsyncDisposable> {
  /** How often it has rotated something; undefined when it does not know. */
  readonly rotations?: number;
  /** Tortures until the signal is aborted, then finishes every line. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Deletes what has been counted for long. Called while everything is settled. */
  readonly tidy: () => Promise<void>;
}

export interface LaneDefinition {
  /** The option `files` as YAML, relative to the lane's folder. */
  readonly files: readonly string[];
  readonly create: (world: World) => Lane;
}

/** Adds lines with random times and writes a random piece of what is pending. */
export function createWriting(writer: LogWriter, { random, tally }: World): RotatedLog["write"] {
  return () => {
    const count = random.chance(0.01) ? random.between(500, 4000) : random.between(0, 25);
    for (let line = 0; line < count; line++) {
      writer.add([random.chance(0.003) ? noise(tally) : numbered(random, tally)]);
    }
    if (random.chance(0.002)) {
      tally.addTooLong();
      writer.add([{ text: "long ".repeat(14_000) }]);
      writer.write();
    }
    writer.write(random.chance(0.5) ? undefined : random.between(0, writer.pendingBytes));
  };
}

export function createWritingLittle(writer: LogWriter, { random, tally }: World): () => void {
  return () => {
    if (writer.pendingBytes < 1000) {
      writer.add([numbered(random, tally), numbered(random, tally)]);
    }
    writer.write(random.between(0, 600));
  };
}

function noise(tally: Tally): { readonly text: string } {
  tally.addNoise();
  return { text: "this is no line of the format" };
}

/** Most are now, some late by seconds, a few by minutes. */
function numbered(
  random: Random,
  tally: Tally,
): { readonly number: number; readonly text: string } {
  const number = tally.takeNumber();
  const lateMs = random.chance(0.85) ? 0 : random.between(0, random.chance(0.9) ? 5000 : 600_000);
  return { number, text: toLine(number, Date.now() - lateMs) };
}

/** One log at a fixed path, rotated in every way. */
export function createRotatedLog(path: string, naming: Naming, world: World): RotatedLog {
  const writer = new LogWriter(path);
  const { random, tally, note } = world;
  return {
    writer,
    generations: new Generations(path, naming, random),
    random,
    write: createWriting(writer, world),
    writeLittle: createWritingLittle(writer, world),
    onDoomed: (lines) => {
      tally.addDoomed(lines);
      const numbers = lines.flatMap(({ number }) => number ?? []);
      note(`truncated; destroyed ${numbers.join(" ") || "nothing"}`);
    },
  };
}

/** Writes for a while, with pauses. */
export async function writeForAWhile(
  write: () => void,
  random: Random,
  signal: AbortSignal,
): Promise<void> {
  for (let steps = random.between(0, 60); steps > 0 && !signal.aborted; steps--) {
    write();
    await sleep(random.chance(0.02) ? random.between(300, 1500) : random.between(1, 40));
  }
}

/** Rotates one log again and again. */
export async function tortureLog(
  log: RotatedLog,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { random, note } = world;
  const names = rotationNames(world);
  while (!signal.aborted) {
    await writeForAWhile(log.write, random, signal);
    const name = random.pick(names);
    if (name === undefined) {
      continue;
    }
    note(`${log.writer.path}: ${name} begins`);
    await rotations[name](log);
    note(`${log.writer.path}: ${name} is done`);
  }
  log.writer.write();
  await log.generations.settle();
}

function rotationNames({ rotations: wanted }: World): readonly RotationName[] {
  const names = Object.keys(rotations) as RotationName[];
  return names.filter((name) => wanted?.includes(name) ?? true);
}
