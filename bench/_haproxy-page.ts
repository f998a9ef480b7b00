// Answers as the statistics page of a HAProxy with 5 000 rows, on the port given; one row in so many, given second, is
// busy, the others were.
import http from "node:http";
import { haproxyRow, haproxyHeader } from "./_haproxy-rows.ts";

const [port = "0", oneIn = "1"] = process.argv.slice(2);
const backends = 500;
const serversEach = 9;
const startedAt = Date.now();
let polls = 0;

http
  .createServer((request, response) => {
    if (request.url?.includes(";csv") === true) {
      polls++;
      response.setHeader("content-type", "text/plain").end(toCsv(polls));
    } else {
      const seconds = Math.floor((Date.now() - startedAt) / 1_000);
      response.end(
        `<b>pid = </b> 4242 (process #1)<br><b>uptime = </b> 1d 0h${pad(seconds / 60)}m${pad(seconds % 60)}s<br>`,
      );
    }
  })
  .listen(Number(port), "127.0.0.1");

function toCsv(poll: number): string {
  const lines = [haproxyHeader];
  for (let backend = 0; backend < backends; backend++) {
    const proxy = `service-${backend}`;
    for (let server = 0; server < serversEach; server++) {
      const isBusy = (backend * serversEach + server) % Number(oneIn) === 0;
      lines.push(haproxyRow(proxy, `node-${server}`, isBusy ? poll * 1_000 + server : 1_234_567));
    }
    lines.push(haproxyRow(proxy, "BACKEND", poll * 9_000));
  }
  return `${lines.join("\n")}\n`;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}
