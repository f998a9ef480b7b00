import type { Command } from "./command.ts";
import { textFlag } from "./command.ts";

export const backup: Command = {
  name: "backup",
  summary: "Copies everything that is kept into an empty folder, also while a node runs.",
  args: { "<folder>": "where to; made when absent" },
  flags: { "-c, --config <file>": "the configuration file (default: watchpost.yml)" },

  async run(given, terminal) {
    const { loadNodeConfig } = await import("./_node.ts");
    const { backUp } = await import("../engine/back-up.ts");
    const config = await loadNodeConfig(
      textFlag(given, "config") ?? "watchpost.yml",
      terminal,
      "leave",
    );
    const folder = given.args[0] ?? "";
    const copied = backUp(config.data, folder);
    await terminal.print(
      `${copied.join(", ")} copied to ${folder}; to use the copy, name the folder as \`data\`\n`,
    );
    return 0;
  },
};
