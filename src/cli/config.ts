import type { Command } from "./command.ts";

const fileArg = { "[file]": "the configuration file (default: watchpost.yml)" };

const check: Command = {
  name: "check",
  summary: "Says whether a configuration is sound, with every error at once.",
  args: fileArg,
  async run({ args }, terminal) {
    const { loadNodeConfig } = await import("./_node.ts");
    const { file, sources, outputs, rules } = await loadNodeConfig(fileOf(args), terminal, "leave");
    const parts = [
      toCountText(sources.size, "source"),
      toCountText(outputs.size, "output"),
      toCountText(rules.size, "rule"),
    ];
    await terminal.print(`${file}: sound; ${parts.join(", ")}\n`);
    return 0;
  },
};

const schema: Command = {
  name: "schema",
  summary: "Prints the JSON Schema of the configuration, for editors.",
  async run(_given, terminal) {
    const { toJsonSchema } = await import("../config/to-json-schema.ts");
    const { parts } = await import("../engine/parts.ts");
    await terminal.print(`${JSON.stringify(toJsonSchema(parts), undefined, 2)}\n`);
    return 0;
  },
};

const show: Command = {
  name: "show",
  summary: "Prints the configuration with every default filled in and no secret in it.",
  args: fileArg,
  async run({ args }, terminal) {
    const { loadNodeConfig } = await import("./_node.ts");
    const { toYaml } = await import("../config/to-yaml.ts");
    await terminal.print(toYaml(await loadNodeConfig(fileOf(args), terminal, "leave")));
    return 0;
  },
};

export const config: Command = {
  name: "config",
  summary: "Checks, explains and shows configurations.",
  commands: [check, schema, show],
};

function fileOf(args: readonly string[]): string {
  return args[0] ?? "watchpost.yml";
}

function toCountText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
