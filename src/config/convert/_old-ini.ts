// INI as Python's configparser reads it: names of keys in any case, values over several lines when they are indented.
import type { OldProblem } from "./_refuse.ts";

export interface OldEntry {
  readonly value: string;
  readonly line: number;
}

export interface OldIni {
  /** By section, then by key in lower case. `DEFAULT` stands in for what a section lacks. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, OldEntry>>;
  readonly problems: readonly OldProblem[];
}

interface Open {
  readonly lines: string[];
  readonly line: number;
}

/** Never throws. */
export function parseOldIni(text: string): OldIni {
  const sections = new Map<string, Map<string, Open>>();
  const problems: OldProblem[] = [];
  let section: Map<string, Open> | undefined;
  let open: Open | undefined;
  for (const [index, written] of text.split(/\r\n|\n|\r/).entries()) {
    const [line, bare] = [index + 1, written.trim()];
    if (bare === "" || bare.startsWith("#") || bare.startsWith(";")) {
      continue;
    }
    const header = /^\[([^\]]+)\]/.exec(bare)?.[1];
    const [, key, value = ""] = /^([^=:]*?)\s*[=:]\s*(.*)$/.exec(bare) ?? [];
    if (/^\s/.test(written) && open !== undefined) {
      open.lines.push(bare);
    } else if (header !== undefined) {
      const isTwice = header !== "DEFAULT" && sections.has(header);
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      open = undefined;
      if (isTwice) {
        problems.push({ line, path: header, message: "is a section that stands twice" });
      }
    } else if (section === undefined || key === undefined || key === "") {
      const message = `is not INI: ${section === undefined ? "it stands in no section" : "it has no `=`"}`;
      problems.push({ line, path: "", message });
    } else {
      open = { lines: [value], line };
      if (section.has(key.toLowerCase())) {
        problems.push({ line, path: key, message: "stands twice in its section" });
      }
      section.set(key.toLowerCase(), open);
    }
  }
  return { sections: close(sections, problems), problems };
}

function close(
  sections: ReadonlyMap<string, ReadonlyMap<string, Open>>,
  problems: OldProblem[],
): OldIni["sections"] {
  const defaults = sections.get("DEFAULT") ?? new Map<string, Open>();
  const named = [...sections].filter(([name]) => name !== "DEFAULT");
  return new Map(
    named.map(([name, keys]) => {
      const entries = [...new Map([...defaults, ...keys])].map(([key, { lines, line }]) => {
        const value = lines.join("\n").trim();
        if (value.replaceAll("%%", "").includes("%")) {
          const message = "has a `%` that stands for something else; write the value itself, or %%";
          problems.push({ line, path: `${name}.${key}`, message });
        }
        return [key, { value: value.replaceAll("%%", "%"), line }] as const;
      });
      return [name, new Map(entries)] as const;
    }),
  );
}

/** As getboolean(); undefined where it fails. */
export function toOldBoolean(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case "1":
    case "yes":
    case "true":
    case "on":
      return true;
    case "0":
    case "no":
    case "false":
    case "off":
      return false;
    default:
      return undefined;
  }
}
