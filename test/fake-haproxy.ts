// What a HAProxy with one frontend, one backend and one server would answer. For tests.

export interface FakeWorker {
  readonly pid: number;
  /** Seconds since the epoch. */
  readonly startedAtS: number;
  requests: number;
  sessions: number;
  status: string;
}

export function createFakeWorker(pid: number, startedAtS: number): FakeWorker {
  return { pid, startedAtS, requests: 0, sessions: 0, status: "UP" };
}

/** The CSV; each request has 100 bytes and the status 200. */
export function toCsv({ requests, sessions, status }: FakeWorker): string {
  const counted = `${sessions},${requests},${requests * 100},${requests}`;
  return [
    "# pxname,svname,scur,stot,bin,hrsp_2xx,status,type,lastchg,check_status,last_chk,-,",
    `web,FRONTEND,${counted},OPEN,0,,,,-,`,
    `app,a,${counted},${status},2,7,${status === "UP" ? "L7OK,fine" : "L4CON,Connection refused"},-,`,
    `app,BACKEND,${counted},UP,1,7,,,-,`,
    "",
  ].join("\n");
}

export function toShowInfo({ pid, startedAtS }: FakeWorker, nowS: number): string {
  const uptime = `Uptime_sec: ${Math.floor(nowS - startedAtS)}`;
  return `Name: HAProxy\nVersion: 2.6.12\nPid: ${pid}\n${uptime}\nStart_time_sec: ${startedAtS}\n`;
}

/** As the run-time socket answers. */
export function toSocketText(worker: FakeWorker, nowS: number): string {
  return `${toShowInfo(worker, nowS)}\n${toCsv(worker)}\n`;
}
