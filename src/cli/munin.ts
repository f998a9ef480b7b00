import path from "node:path";
import { parseListenAddress } from "../config/listen-address.ts";
import { UserError, describeError } from "../core/errors.ts";
import { type Command, type Terminal, textFlag } from "./command.ts";

const addressDefault = "127.0.0.1:4949";
const deadlineMs = 30_000;

export const munin: Command = {
  name: "munin",
  summary: "Answers munin-node as a plugin, with what a running node's munin output tells.",
  args: {
    "[plugin]": "what to ask for, as in the links' names; all names are printed when left out",
    "[request]": "config, autoconf, suggest or fetch (default: fetch)",
  },
  flags: {
    "--node <address>":
      "where the munin output listens (default: $WATCHPOST_MUNIN, else 127.0.0.1:4949)",
  },

  async run(given, terminal) {
    const [plugin, request = "fetch"] = given.args;
    const text = textFlag(given, "node") ?? terminal.env["WATCHPOST_MUNIN"] ?? addressDefault;
    const address = parseListenAddress(text);
    if (address === undefined) {
      throw new UserError("USAGE", `${text} is no address with a port; write ${addressDefault}`);
    }
    const ask = (question: string): Promise<string> => talk(address, question, terminal);
    const list = async (): Promise<readonly string[]> =>
      (await ask("list")).split(/\s+/).filter((name) => name !== "");
    await terminal.print(await answer({ plugin, request, ask, list, text }));
    return 0;
  },
};

/** `watchpost` as a link in a folder of plugins is the plugin that the link is called: the arguments for that. */
export function toPluginArgs(program: string): readonly string[] {
  const name = path.basename(program);
  return /^(?:watchpost|elfstatsm)_/.test(name) ? ["munin", name] : [];
}

interface Asked {
  readonly plugin: string | undefined;
  readonly request: string;
  readonly ask: (question: string) => Promise<string>;
  readonly list: () => Promise<readonly string[]>;
  /** The node's address. */
  readonly text: string;
}

async function answer({ plugin, request, ask, list, text }: Asked): Promise<string> {
  if (plugin === undefined) {
    return (await list()).map((name) => `${name}\n`).join("");
  }
  switch (request) {
    case "autoconf":
      return await toAutoconf(list, text);
    case "suggest": {
      const names = await list();
      const rests = names.filter((name) => name.startsWith(plugin) && name !== plugin);
      return rests.map((name) => `${name.slice(plugin.length)}\n`).join("");
    }
    case "config":
    case "fetch":
      return (await ask(`${request} ${plugin}`)).replace(/\.\n$/, "");
    default: {
      const message = `${request} is no request to a plugin; write config, autoconf, suggest or fetch`;
      throw new UserError("USAGE", message);
    }
  }
}

/** One line and no failure, whatever is wrong (guide.munin-monitoring.org, "Plugin autoconf"). */
async function toAutoconf(list: Asked["list"], text: string): Promise<string> {
  try {
    return (await list()).length > 0
      ? "yes\n"
      : `no (the node at ${text} has nothing to show yet)\n`;
  } catch (error) {
    return `no (${error instanceof UserError ? error.message : describeError(error)})\n`;
  }
}

/** One question of several; what comes between the answer to `cap` and the end. */
async function talk(
  address: { readonly host: string; readonly port: number },
  question: string,
  { environment, env, stop }: Terminal,
): Promise<string> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(deadlineMs)]);
  const dirty = env["MUNIN_CAP_DIRTYCONFIG"] === "1" ? " dirtyconfig" : "";
  try {
    await using connection = await environment.network.connect(address, { signal });
    await connection.write(`cap multigraph${dirty}\n${question}\nquit\n`);
    const text = Buffer.concat(await Array.fromAsync(connection.chunks)).toString();
    return text.replace(/^# .*\ncap .*\n/, "");
  } catch (error) {
    const place = `${address.host}:${address.port}`;
    const message = `no munin output answers at ${place} (${describeError(error)}); is the node running?`;
    throw new UserError("NODE_UNREACHABLE", message, { cause: error });
  }
}
