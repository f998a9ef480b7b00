import type { Command } from "./command.ts";

/** A tool whose configuration can be turned into ours. */
interface OldTool {
  readonly name: string;
  readonly file: string;
  /** The text of its configuration to the text of ours. Throws ConfigError. */
  readonly load: () => Promise<(text: string, file: string) => string>;
}

const oldTools: readonly OldTool[] = [
  {
    name: "haproxysessionmon",
    file: "its configuration, such as the one that HAPROXYSM_CONFIG_FILE names",
    load: async () =>
      (await import("../config/convert/haproxysessionmon.ts")).convertHaproxysessionmon,
  },
  {
    name: "httpmonitor",
    file: "its config.cfg",
    load: async () => (await import("../config/convert/httpmonitor.ts")).convertHttpmonitor,
  },
  {
    name: "elfstatsd",
    file: "its settings.py, which is read and not run",
    load: async () => (await import("../config/convert/elfstatsd.ts")).convertElfstatsd,
  },
];

export const convert: Command = {
  name: "convert",
  summary: "Turns the configuration of another tool into one of Watchpost.",
  commands: oldTools.map(toCommand),
};

function toCommand({ name, file, load }: OldTool): Command {
  return {
    name,
    summary: `Prints what a configuration of ${name} becomes, with remarks.`,
    args: { "<file>": file },
    async run({ args: [path = ""] }, terminal) {
      const { readOldFile } = await import("../config/convert/read-old-file.ts");
      const convertText = await load();
      await terminal.print(convertText(await readOldFile(path), path));
      return 0;
    },
  };
}
