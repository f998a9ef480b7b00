import { once } from "node:events";
import type { Command } from "./command.ts";
import { textFlag } from "./command.ts";

export const run: Command = {
  name: "run",
  summary: "Watches what the configuration names, until it is stopped.",
  flags: { "-c, --config <file>": "the configuration file (default: watchpost.yml)" },

  async run(given, terminal) {
    const { createReloader, loadNodeConfig, startNode } = await import("./_node.ts");
    const config = await loadNodeConfig(textFlag(given, "config") ?? "watchpost.yml", terminal);
    await using node = await startNode(config, terminal);
    await using listening = new AsyncDisposableStack();
    listening.use(terminal.onHangup(createReloader(node, terminal)));
    terminal.note(`Watchpost ${terminal.version}: ${node.url}\n`);
    if (!node.hasPage) {
      terminal.note(
        "The page has not been built (npm run build); the API answers below /api/v1/.\n",
      );
    }
    if (!terminal.stop.aborted) {
      await once(terminal.stop, "abort");
    }
    return 0;
  },
};
