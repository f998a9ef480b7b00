/**
 * `<134>Nov 20 17:03:31 host haproxy[10835]: ` (RFC 3164), the same without the host, without
 * `<134>`, with an ISO time (rsyslog), with nginx's `nginx: ` tag.
 */
const bsd =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)) (?:[^ \]:[]+ )?[^ :[\]]+(?:\[[^\] ]*\])?: /;
/** `<150>1 2026-11-20T17:03:21.231874+00:00 host haproxy 10835 - - ` (RFC 5424), without its data. */
const rfc5424 =
  /^<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) (?:\u00ef\u00bb\u00bf)?/;

/** How many bytes of a line (as latin1) a syslog daemon, or the way to it, has put in front. */
export function syslogHeaderLength(line: string): number {
  return (rfc5424.exec(line) ?? bsd.exec(line))?.[0].length ?? 0;
}
