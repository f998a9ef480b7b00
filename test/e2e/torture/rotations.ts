// Every way in which a log is rotated. Each is a dance of the writer and of logrotate, with lines written at any step.
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Generations } from "./generations.ts";
import type { DoomedLine, LogWriter } from "./log-writer.ts";
import type { Random } from "./random.ts";

export interface RotatedLog {
  readonly writer: LogWriter;
  readonly generations: Generations;
  readonly random: Random;
  /** Writes something: new lines, or a piece of one. */
  readonly write: () => void;
  /** The same, but at most a handful of lines. */
  readonly writeLittle: () => void;
  /** Is told what a truncation destroyed. */
  readonly onDoomed: (lines: readonly DoomedLine[]) => void;
}

export type Rotation = (log: RotatedLog) => Promise<void>;

export const rotations = {
  /** `create` and a prompt USR1: the new file is there before the writer looks for it. */
  async "rename+create"({ writer, generations, random, write }) {
    renameSync(writer.path, await generations.makeRoom());
    writeFileSync(writer.path, "", { flag: "wx" });
    await maybeWrite(random, write, 30);
    writer.reopen();
    generations.release();
  },

  /** No `create`, and a writer that takes its time: meanwhile nothing has the name, and the renamed file grows. */
  async "rename+reopen late"({ writer, generations, random, write }) {
    renameSync(writer.path, await generations.makeRoom());
    for (let turns = random.between(1, 12); turns > 0; turns--) {
      await maybeWrite(random, write, 150);
    }
    writer.reopen();
    generations.release();
  },

  /** Two in one look of the follower, with anything or nothing written between them. */
  async "rename twice"({ writer, generations, random, write }) {
    for (const turn of [1, 2]) {
      renameSync(writer.path, await generations.makeRoom());
      writer.reopen();
      if (turn === 1 && random.chance(0.8)) {
        write();
        writer.finishLine();
      }
    }
    generations.release();
  },

  /** What is written between the copy and the truncation is gone; also what begins in the copy and ends elsewhere. */
  async copytruncate({ writer, generations, random, write, writeLittle, onDoomed }) {
    const copy = await generations.makeRoom();
    await maybeWrite(random, write, 10);
    copyFileSync(writer.path, copy);
    const copiedBytes = writer.writtenBytes;
    if (random.chance(0.4)) {
      await maybeWrite(random, writeLittle, 10);
    }
    onDoomed(writer.truncate(copiedBytes));
    generations.release();
  },
} as const satisfies Record<string, Rotation>;

export type RotationName = keyof typeof rotations;

async function maybeWrite(random: Random, write: () => void, pauseMsMax: number): Promise<void> {
  if (random.chance(0.7)) {
    write();
  }
  if (random.chance(0.7)) {
    await sleep(random.between(0, pauseMsMax));
  }
}
