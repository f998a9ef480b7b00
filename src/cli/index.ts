import { backup } from "./backup.ts";
import type { Command } from "./command.ts";
import { config } from "./config.ts";
import { convert } from "./convert.ts";
import { demo } from "./demo.ts";
import { formats } from "./formats.ts";
import { journal } from "./journal.ts";
import { munin } from "./munin.ts";
import { output } from "./output.ts";
import { query } from "./query.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";
import { top } from "./top.ts";

/** Every command, in alphabetical order. The tidy test fails when one is missing. */
export const commands: readonly Command[] = [
  backup,
  config,
  convert,
  demo,
  formats,
  journal,
  munin,
  output,
  query,
  report,
  run,
  top,
];
