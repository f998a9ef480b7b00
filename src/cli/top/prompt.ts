import type { Key } from "../screen/keys.ts";

/** One line that is being typed. */
export interface Prompt {
  readonly text: string;
  /** Where the next character goes, in UTF-16 units. */
  readonly at: number;
  /** What is wrong with it, once it was sent off. */
  readonly problem: string | undefined;
}

const charsMax = 2000;

/** As shells edit a line: Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-K and Ctrl-W among the keys. */
export function editPrompt(prompt: Prompt, key: Key): Prompt {
  const before = prompt.text.slice(0, prompt.at);
  const after = prompt.text.slice(prompt.at);
  if (key.kind === "text") {
    return toPrompt(before + key.text.replaceAll(/\s+/g, " "), after);
  }
  const [last = ""] = /[^]$/u.exec(before) ?? [];
  const [next = ""] = /^[^]/u.exec(after) ?? [];
  const { name }: { readonly name: string } = key;
  switch (name) {
    case "backspace":
      return toPrompt(before.slice(0, before.length - last.length), after);
    case "delete":
    case "ctrl-d":
      return toPrompt(before, after.slice(next.length));
    case "left":
      return { ...prompt, at: prompt.at - last.length };
    case "right":
      return { ...prompt, at: prompt.at + next.length };
    case "home":
    case "ctrl-a":
      return { ...prompt, at: 0 };
    case "end":
    case "ctrl-e":
      return { ...prompt, at: prompt.text.length };
    case "ctrl-u":
      return toPrompt("", after);
    case "ctrl-k":
      return toPrompt(before, "");
    case "ctrl-w":
      return toPrompt(before.replace(/\S+\s*$/, ""), after);
    default:
      return prompt;
  }
}

function toPrompt(before: string, after: string): Prompt {
  return {
    text: `${before}${after}`.slice(0, charsMax),
    at: Math.min(before.length, charsMax),
    problem: undefined,
  };
}
