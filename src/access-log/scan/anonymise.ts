/**
 * The network of an address: the last byte of an IPv4 address, and all but the first 48 bits of an
 * IPv6 one, are zeroes. Names and whatever else stands for a client become `(anonymised)`.
 */
export function anonymise(client: string): string {
  const [, network, mapped = "", bytes = ""] =
    /^((::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.)\d{1,3}$/i.exec(client) ?? [];
  if (network !== undefined) {
    return `${mapped}${bytes}.0`;
  }
  if (!client.includes(":") || !/^[0-9a-f:.]+(?:%.*)?$/i.test(client)) {
    return "(anonymised)";
  }
  const [head = "", tail] = client.toLowerCase().split("::", 2);
  const words = head === "" ? [] : head.split(":");
  const isFull = tail === undefined;
  const kept = isFull ? words.slice(0, 3) : [...words, "0", "0", "0"].slice(0, 3);
  while (kept.at(-1) === "0") {
    kept.pop();
  }
  return `${kept.join(":")}::`;
}
