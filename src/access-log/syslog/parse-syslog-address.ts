import { parseListenAddress } from "../../config/listen-address.ts";

/** Where syslog messages are expected. */
export interface SyslogAddress {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
}

/** `udp://127.0.0.1:5514`, `tcp://[::1]:6514`; undefined for anything else. */
export function parseSyslogAddress(text: string): SyslogAddress | undefined {
  const [, scheme, rest = ""] = /^(udp|tcp):\/\/(.+)$/.exec(text.trim()) ?? [];
  const address = parseListenAddress(rest);
  if (scheme === undefined || address === undefined) {
    return undefined;
  }
  return { transport: scheme === "udp" ? "udp" : "tcp", ...address };
}
