const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A line of an access log in the format `combined`, of this moment: 200 and 100 bytes. */
export function toLogLine(path: string): string {
  const [date = "", time = ""] = new Date().toISOString().split("T");
  const [year, month, day] = date.split("-");
  const stamp = `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
  return `192.0.2.1 - - [${stamp}] "GET ${path} HTTP/1.1" 200 100 "-" "-"\n`;
}
