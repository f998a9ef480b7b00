import { hash } from "node:crypto";

const charsMaxDefault = 128;

/**
 * A name as a destination takes it: characters that match `illegal` (which has to be global) become underscores, and
 * what is too long is cut. A text that was changed ends in a digest of what it was, so that different texts stay
 * different; the same text always gives the same name, also after a restart.
 *
 * Names of our own, such as `(other)`, become `_other_` without a digest; whatever else looks like that gets one.
 */
export function toLegalText(text: string, illegal: RegExp, charsMax = charsMaxDefault): string {
  const legal = text.replaceAll(illegal, "_");
  const isOwn = /^\(\w+\)$/.test(text);
  const looksOwn = /^_.*_$/.test(text) && "(".search(illegal) >= 0;
  const isUnique = legal === text ? !looksOwn : isOwn && /^_\w+_$/.test(legal);
  if (isUnique && text !== "" && text.length <= charsMax) {
    return legal;
  }
  const digest = hash("sha256", text).slice(0, 8);
  return `${legal.slice(0, charsMax - digest.length - 1)}_${digest}`;
}
