import { hash } from "node:crypto";

/** An id for what is sent, made of it: the same batch has the same, whenever and after whatever it is sent again. */
export function toBatchId(text: string): string {
  return `batch_${hash("sha256", text).slice(0, 32)}`;
}
