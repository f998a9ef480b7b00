// What syslog puts in front of a log line: RFC 5424, RFC 3164, and what servers and daemons make of
// the latter.

/** A message in its two parts. */
export interface SyslogMessage {
  /** Who wrote it: the APP-NAME or TAG; undefined when it does not say. */
  readonly program: string | undefined;
  /** Where the line itself starts. */
  readonly at: number;
}

/** No header is longer; one that is counts as part of the line. */
const headerBytesMax = 2048;

const priority = /^<\d{1,3}>/;

/** Behind the priority: `1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID DATA`, perhaps a byte order mark. */
const rfc5424 =
  /^\d{1,2} \S+ \S+ (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: (?:\u00ef\u00bb\u00bf)?|$)/;

/** RFC 3164's, perhaps with a year or a fraction, and ISO's, which daemons write instead. */
const bsdTime = String.raw`[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?`;
const isoTime = String.raw`\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)`;
const time = `(?:${bsdTime}|${isoTime})`;

/**
 * Behind the priority: `Nov 20 17:03:31 host haproxy[10835]: `. The host may be missing, as on a
 * local socket.
 */
const rfc3164 = new RegExp(String.raw`^${time} (?:\S*[^:\s] )?([^ :[\]]+)(?:\[[^\] ]*\])?:(?: |$)`);

/** As above without a tag: HAProxy's `format timed`, and other devices. */
const timed = new RegExp(`^${time} `);

/**
 * Never fails: what has no header that is known is a line as it stands (HAProxy's `format raw`), and
 * behind a lone priority (`format short`) the line begins at once.
 */
export function parseSyslogMessage(bytes: Buffer): SyslogMessage {
  const text = bytes.toString("latin1", 0, headerBytesMax);
  const at = priority.exec(text)?.[0].length ?? 0;
  const rest = text.slice(at);
  const known = at === 0 ? rfc3164.exec(rest) : (rfc5424.exec(rest) ?? rfc3164.exec(rest));
  if (known !== null) {
    const [header, program] = known;
    return { program: program === "-" ? undefined : program, at: at + header.length };
  }
  const header = at === 0 ? undefined : timed.exec(rest)?.[0];
  return { program: undefined, at: at + (header?.length ?? 0) };
}
