// The option `syslog` of access logs.
import { z } from "zod";
import {
  parseSyslogAddress,
  type SyslogAddress,
} from "../access-log/syslog/parse-syslog-address.ts";
import type { SyslogOptions } from "../access-log/syslog/syslog-input.ts";
import { networks } from "../config/allow-list.ts";
import { oneOrMore } from "../core/options.ts";
import { isLoopback } from "../config/listen-address.ts";

const addressHelp = "is no address for syslog; write udp://127.0.0.1:5514 or tcp://127.0.0.1:5514";

/** Where to listen, from whom, and for what. */
export function syslog(): z.ZodType<SyslogOptions, SyslogGiven> {
  return z
    .strictObject({
      listen: oneOrMore(
        z.string().refine((text) => parseSyslogAddress(text) !== undefined, addressHelp),
      )
        .refine((all) => all.length > 0, "is empty; name at least one address")
        .describe(
          "Where to listen: `udp://127.0.0.1:5514`, `tcp://127.0.0.1:5514`, or a list of both. Beyond " +
            "loopback it needs `allow`.",
        ),
      allow: networks().describe(
        "IP addresses and networks that may send, besides this machine itself. Syslog has no " +
          "passwords: list your servers only.",
      ),
      program: oneOrMore(z.string().min(1))
        .optional()
        .describe(
          "Takes only messages of this program, or of these: `haproxy`. The others are counted in " +
            "`watchpost_syslog_dropped_total`.",
        ),
    })
    .superRefine(({ listen, allow }, context) => {
      if (allow.length === 0 && toAddresses(listen).some(({ host }) => !isLoopback(host))) {
        const message = "names nobody; list the servers that may send, or listen on 127.0.0.1";
        context.addIssue({ code: "custom", path: ["allow"], message });
      }
    })
    .transform(({ listen, allow, program }) => ({
      listen: toAddresses(listen),
      allow,
      programs: program,
    }));
}

interface SyslogGiven {
  readonly listen: string | readonly string[];
  readonly allow?: readonly string[] | undefined;
  readonly program?: string | readonly string[] | undefined;
}

/** As the user knows it. */
export function toSyslogTarget({ listen }: SyslogOptions): string {
  return listen
    .map(({ transport, host, port }) => {
      const bracketed = host.includes(":") ? `[${host}]` : host;
      return `${transport}://${bracketed}:${port}`;
    })
    .join(", ");
}

function toAddresses(texts: readonly string[]): readonly SyslogAddress[] {
  // Of a single address that is none, it is still the text when the next check asks.
  return [texts]
    .flat()
    .map(parseSyslogAddress)
    .filter((address) => address !== undefined);
}
