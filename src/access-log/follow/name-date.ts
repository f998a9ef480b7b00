// Dates in the names of files: an instant as the wall clock of a zone shows it, cut to the parts
// that the name has.

/** strftime's letters. */
export type DatePart = "Y" | "y" | "m" | "d" | "H" | "M" | "j";

export type NameDate = Readonly<Partial<Record<DatePart, string>>>;

/**
 * Sorts the files of one pattern by time; undefined when the name has no year, so that its numbers
 * come again.
 */
export function toStamp({
  Y,
  y,
  m = "1",
  d = "1",
  H = "0",
  M = "0",
  j,
}: NameDate): number | undefined {
  const year = Y ?? (y === undefined ? undefined : `20${y}`);
  return year === undefined
    ? undefined
    : j === undefined
      ? Date.UTC(Number(year), Number(m) - 1, Number(d), Number(H), Number(M))
      : Date.UTC(Number(year), 0, Number(j), Number(H), Number(M));
}

/** The parts that the name of a file begun at `ms` has. */
export function toNameDate(
  ms: number,
  timeZone: string | undefined,
  parts: ReadonlySet<DatePart>,
): NameDate {
  const wall = toWall(ms, timeZone);
  const iso = wall.toISOString();
  const dayMs = 86_400_000;
  const all: Record<DatePart, string> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    j: String(Math.floor((wall.getTime() - Date.UTC(wall.getUTCFullYear(), 0)) / dayMs) + 1),
  };
  return Object.fromEntries([...parts].map((part) => [part, all[part]]));
}

/** A date whose UTC fields are what the wall clock shows: the host's own without a zone. */
function toWall(ms: number, timeZone: string | undefined): Date {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...(timeZone !== undefined && { timeZone }),
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const found = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const read = (type: Intl.DateTimeFormatPartTypes): number => found.get(type) ?? 0;
  return new Date(
    Date.UTC(read("year"), read("month") - 1, read("day"), read("hour"), read("minute")),
  );
}
