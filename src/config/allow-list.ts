// Who may talk to a listener whose protocol knows no passwords.
import { BlockList, isIP } from "node:net";
import { z } from "zod";
import { isLoopback } from "./listen-address.ts";

/** An IP address or a network: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. */
function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 6 ? 128 : 32);
}

/** The option of a listener: who may talk to it besides this machine. */
export function networks(): z.ZodDefault<z.ZodArray<z.ZodString>> {
  const help = "is no IP address or network; write 192.0.2.7 or 192.0.2.0/24";
  return z.array(z.string().refine(isNetwork, help)).default([]);
}

/** Whether a peer is this machine itself or in one of the networks, each of which is isNetwork. */
export function createAllowList(allow: readonly string[]): (peer: string) => boolean {
  const list = new BlockList();
  for (const network of allow) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    const bits = family === "ipv6" ? 128 : 32;
    list.addSubnet(address, prefix === undefined ? bits : Number(prefix), family);
  }
  return (peer) => isLoopback(peer) || list.check(peer, isIP(peer) === 6 ? "ipv6" : "ipv4");
}
