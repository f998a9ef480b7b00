import type { Command } from "./command.ts";

const log: Command = {
  name: "log",
  summary:
    "Appends invented requests to a file, live: low traffic, a burst, slow and failing spells.",
  args: { "<file>": "the access log to append to; made when absent" },
  async run({ args }, terminal) {
    const { writeDemoLog } = await import("./_demo-log.ts");
    await writeDemoLog(args[0] ?? "access.log", terminal, (phase) => terminal.note(`${phase}\n`));
    return 0;
  },
};

export const demo: Command = {
  name: "demo",
  summary: "Shows a Watchpost at work on an invented access log, in a temporary folder.",
  commands: [log],
  async run(_given, terminal) {
    const { runDemo } = await import("./_run-demo.ts");
    await runDemo(terminal);
    return 0;
  },
};
