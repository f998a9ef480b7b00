// Lines that are nearly those of a log, for tests that compare two readers of them.

export type Random = () => number;

/** Latin1; in the order of the samples at first, then mixed. */
export function createLines(
  samples: readonly string[],
  count: number,
  random: Random,
): readonly string[] {
  const lines = [...samples];
  while (lines.length < count) {
    const line = pick(samples, random);
    const isMutated = random() < 0.7;
    lines.push(isMutated ? mutate(line, samples, random) : line);
  }
  return lines;
}

const pieces = [
  ...'"\\ -[]{}/?:,.+#%0123456789aZ\r\t\0\x7fé\xff'.split(""),
  ", ",
  " : ",
  '\\"',
  "\\x22",
  "\\",
  ' "',
  '" ',
  "-1",
  "1e3",
  "HTTP/1.1",
  "GET ",
  " /",
  "123456789",
  "https://x.example",
  '"status":404,',
  '"request":',
  '"request":{"uri":"/dup"},',
  '{"a":[1,{"b":null}]},',
  "\\u00e9",
  "\\ud83d\\ude00",
  "\\ud83d",
  "\\/",
  "\\xc3\\xa9",
  "null",
  "true",
  "-0",
  "0.50",
  "1.5ms",
  "2e-7",
  "17951941804981234567",
  "1795194180.9999999",
  "1795194180.12345678",
  "\tstatus:500",
  "\tua:",
  " status=500",
  ' agent="a\\"b"',
  " =",
  "\u00c2\u00a0",
  "\u00e2\u0080\u00a8",
  "30/Feb/2026",
  "2026-02-31",
  "x".repeat(300),
  "y".repeat(2100),
];

/** In front of the keys of a JSON object: most are wanted by some format, and come twice then. */
const members = [
  '"status":404,',
  '"status":"201",',
  '"request":{"uri":"/dup"},',
  '"request":"GET /dup HTTP/1.1",',
  '"ts":1795194180.9999999,',
  '"ts":1795194180.99949999,',
  '"duration":0.0000001234,',
  '"size":12.0,',
  '"user_id":1.50,',
  '"user_id":0.0000001234,',
  '"user_id":"\\u00e9",',
  '"DownstreamStatus":500,',
  '"RequestPath":"\\/x",',
  '"code":"200",',
  '"took":2.50,',
  '"uri":["/first","/second"],',
  '"x":"\\q",',
  '"x":01,',
  '"x":{"y":[1,2,{}]},',
];
const jsonValues = [
  '"text"',
  "12",
  "-1",
  "1.250",
  "2e-7",
  "null",
  "true",
  "{}",
  "[]",
  '["a",1]',
  '"-"',
];

/** A member more, or another value: what is left is JSON still. */
function mutateMember(line: string, random: Random): string {
  const isMore = random() < 0.5;
  const places = [...line.matchAll(isMore ? /(?<=[{,] ?)(?=")/g : /(?<=":)(?:"[^"]*"|[\d.]+)/g)];
  if (places.length === 0) {
    return line;
  }
  const { index, 0: old } = pick(places, random);
  const added = pick(isMore ? members : jsonValues, random);
  return line.slice(0, index) + added + line.slice(index + old.length);
}

function mutate(line: string, samples: readonly string[], random: Random): string {
  let mutated = random() < 0.5 ? mutateMember(line, random) : line;
  if (mutated !== line && random() < 0.7) {
    return mutated;
  }
  for (let rest = 1 + Math.floor(random() * 3); rest > 0; rest--) {
    const at = Math.floor(random() * (mutated.length + 1));
    const removed = random() < 0.5 ? 0 : Math.floor(random() ** 3 * 30);
    const dice = random();
    const other = pick(samples, random);
    const from = Math.floor(random() * other.length);
    const added =
      dice < 0.6 ? pick(pieces, random) : dice < 0.7 ? other.slice(from, from + 20) : "";
    mutated = mutated.slice(0, at) + added + mutated.slice(at + removed);
  }
  return mutated.replaceAll("\n", "");
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) {
    throw new RangeError("nothing to pick from");
  }
  return item;
}

/** Mulberry32. */
export function createRandom(start: number): Random {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
