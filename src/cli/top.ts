import type { Command } from "./command.ts";

export const top: Command = {
  name: "top",
  summary: "Shows access logs live: rate, failures, percentiles, groups and the heaviest keys.",
  args: {
    "[file...]":
      "the logs to follow, - is standard input; they may be renamed and replaced meanwhile",
  },
  flags: {
    "--format <format>":
      "a name of `watchpost formats`, or the server's own format directive (default: auto, told from the first lines)",
    "--where <condition>": 'counts lines for which it holds: status >= 500 and not agent ~ "bot"',
    "--group-by <what>": "path (templates such as /users/{id}, the default) or none",
    "--group <regex>...": "names groups by (?<group>…) and (?<method>…); as often as needed",
    "--slow <duration>": "counts requests that take as long or longer as slow",
    "--quantiles <shares>": "of durations, such as 0.5,0.95 (default: 0.5,0.9,0.99)",
    "--time-zone <zone>":
      "of times logged without one, and of those shown, such as Europe/Berlin (default: UTC)",
    "--anonymise": "cuts the addresses of clients to their network",
    "--every <duration>": "length of a window (default: 1s; without a terminal, 10s)",
    "--from <place>":
      "recent (the last two minutes of the file, the default), start, or end (only what comes now)",
    "--once": "prints one picture and ends",
    "--json": "prints one JSON object a window",
    "--ascii": "draws with ASCII alone",
    "-c, --config <file>":
      "follows the access-log sources of this configuration, and watches its rules over them",
    "--source <id>": "one of these sources; with files, what the lines are read by",
  },

  async run(given, terminal) {
    const { planTop } = await import("./top/plan-top.ts");
    const { plan, notes } = await planTop(given, terminal);
    notes.forEach((note) => terminal.note(`${note}\n`));
    const { runTop } = await import("./top/run-top.ts");
    return runTop(plan, terminal);
  },
};
