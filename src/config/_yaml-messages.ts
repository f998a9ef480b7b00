import type { ErrorCode, YAMLError } from "yaml";
import { quoteKey } from "./_findings.ts";

const messages: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: "a tab stands where YAML takes spaces only; indent with two spaces",
  MULTIPLE_DOCS: "a second document starts here; keep everything in one and remove this `---`",
  BLOCK_AS_IMPLICIT_KEY:
    "there is a second `: ` on this line; put the text in quotes, or the key on a line of its own",
  MULTILINE_IMPLICIT_KEY: "there is no `:` after this key; write `key: value`",
  BAD_DQ_ESCAPE:
    "a backslash in double quotes begins an escape, and this is none; use single quotes, or two backslashes",
  RESOURCE_EXHAUSTION: "the text is nested too deeply to be read; check its brackets",
  BAD_ALIAS: "a `*` or `&` needs a name right behind it; put the text in quotes",
  BLOCK_IN_FLOW:
    "a list or group of lines cannot stand in brackets; close the bracket before, or use brackets here",
  UNEXPECTED_TOKEN: "there is something left over here; put the whole value in quotes",
};

/** What is wrong with the text, for people who do not know YAML's own words. */
export function describeSyntax(error: YAMLError, text: string): string {
  const { code, message } = error;
  const at = text.slice(error.pos[0], error.pos[1]);
  if (code === "TAG_RESOLVE_FAILED") {
    return `${quoteKey(at)} is a tag, which has no meaning here; put the text in quotes`;
  }
  if (code === "BAD_SCALAR_START") {
    return `a text cannot begin with ${quoteKey(at.slice(0, 1))}; put it in quotes`;
  }
  return messages[code] ?? describeMissing(message);
}

/** MISSING_CHAR and BAD_INDENT say in their texts alone what is missing. */
function describeMissing(message: string): string {
  const quote = /^Missing closing (["'])quote/.exec(message)?.[1];
  if (quote !== undefined) {
    return `the text ends without its closing ${quote}; add it`;
  }
  const bracket = /(?:must|and) end with a (\S)/.exec(message)?.[1];
  if (bracket !== undefined) {
    return `what was opened here or above ends without its closing ${bracket}; add it`;
  }
  if (message.startsWith("All ")) {
    return "this is not in one column with what it belongs to; indent it like its neighbours";
  }
  return message.includes("map keys need to be followed")
    ? "there is no `:` after this key; write `key: value`"
    : `${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;
}
