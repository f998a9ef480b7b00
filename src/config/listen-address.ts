import { BlockList, isIP, isIPv6 } from "node:net";
import type { ListenAddress } from "./config.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** "127.0.0.1:8080", "localhost:8080", "[::1]:8080"; undefined for anything else, also for a port alone. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    return undefined;
  }
  if (bracketed !== undefined) {
    return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  }
  return plain === undefined ? undefined : { host: plain.toLowerCase(), port };
}

/** Only this machine can reach it. A name other than `localhost` may lead anywhere, and is not trusted. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0
    ? host.toLowerCase() === "localhost"
    : loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}
