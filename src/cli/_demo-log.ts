import { appendFile } from "node:fs/promises";
import { createLogGenerator } from "../access-log/log-generator.ts";
import { isAbort } from "../core/errors.ts";
import type { Terminal } from "./command.ts";

const stepMs = 200;

/** Appends what the generator makes of the passing time until the terminal stops; tells each phase as it begins. */
export async function writeDemoLog(
  file: string,
  { environment, stop }: Pick<Terminal, "environment" | "stop">,
  onPhase: (name: string) => void,
): Promise<void> {
  const { clock } = environment;
  const startMs = clock.now();
  const generator = createLogGenerator({ seed: 1, startMs });
  await appendFile(file, "");
  let phase: string | undefined;
  for (let from = startMs; !stop.aborted;) {
    await clock.sleep(stepMs, stop).catch((error: unknown) => {
      if (!isAbort(error, stop)) {
        throw error;
      }
    });
    const to = clock.now();
    const lines = generator.linesFor(from, to);
    if (lines.length > 0) {
      await appendFile(file, `${lines.join("\n")}\n`);
    }
    const { name } = generator.phaseAt(to);
    if (name !== phase) {
      onPhase(name);
    }
    [phase, from] = [name, to];
  }
}
