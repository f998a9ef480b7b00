import { hash } from "node:crypto";

const charsMaxDefault = 128;

/**
 * A name as a destination takes it: characters that match `illegal` (which has to be global) become underscores, and
 * what is too long is cut. A text that was changed ends in a digest of what it was, so that different texts stay
 * different; the same text always gives the same name, also after a restart.
 */
export function toLegalText(text: string, illegal: RegExp, charsMax = charsMaxDefault): string {
  const legal = text.replaceAll(illegal, "_");
  if (legal === text && text !== "" && text.length <= charsMax) {
    return text;
  }
  const digest = hash("sha256", text).slice(0, 8);
  return `${legal.slice(0, charsMax - digest.length - 1)}_${digest}`;
}
