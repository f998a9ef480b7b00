import type { Path, Refusal, Remark } from "./converter.ts";

/** What a conversion has to say: what it refuses in the old file, and remarks about entries of the new one. */
export interface Report {
  refuse(path: Path, message: string): void;
  remark(path: Path, text: string): void;
  /** Line of an entry in the old file, from 1. */
  readonly lineOf: (path: Path) => number;
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly Remark[];
}

export function createReport(lineOf: (path: Path) => number): Report {
  const refusals: Refusal[] = [];
  const remarks: Remark[] = [];
  return {
    refuse: (path, message) => void refusals.push({ path, message }),
    remark: (path, text) => void remarks.push({ path, text }),
    lineOf,
    refusals,
    remarks,
  };
}
