import type { ExpectedSample } from "../core/component.ts";
import type { World } from "../core/example-world.ts";

interface HaproxyExample {
  readonly title: string;
  readonly options: {
    readonly url?: string;
    readonly socket?: string;
    readonly exclude?: string;
  };
  readonly given: World;
  readonly expect: readonly (readonly ExpectedSample[])[];
}

const url = "http://lb.example:8404/haproxy?stats;csv";

/** A real dump has some 120 columns; they are found by name. */
const stats = [
  "# pxname,svname,qcur,scur,slim,stot,status,weight,act,bck,type,rate,check_status,last_chk,-,",
  "shop,FRONTEND,,4,200,1042,OPEN,,,,0,3,,,-,",
  "app,a,0,4,50,1040,UP,100,1,0,2,3,L7OK,HTTP status check returned code <200>,-,",
  'app,b,0,0,50,2,DOWN,100,1,0,2,0,L4CON,"Connection refused, twice",-,',
  "app,BACKEND,1,4,20,1042,UP,100,1,0,1,3,,,-,",
  "stats,FRONTEND,,1,200,7,OPEN,,,,0,1,,,-,",
  "",
].join("\n");

const page = `<html><h1>HAProxy version 2.6.12, released 2023/03/28</h1>
<p><b>pid = </b> 4242 (process #1, nbproc = 1, nbthread = 2)<br>
<b>uptime = </b> 3d 2h00m05s<br>`;

const info = "Name: HAProxy\nVersion: 2.6.12\nPid: 4242\nUptime_sec: 266405\nMaxconn: 200\n";

const shop = { proxy: "shop", kind: "frontend" };
const app = { proxy: "app", kind: "backend" };
const a = { proxy: "app", kind: "server", server: "a" };
const b = { proxy: "app", kind: "server", server: "b" };

const rows: readonly ExpectedSample[] = [
  { name: "haproxy_sessions", labels: shop, value: 4 },
  { name: "haproxy_session_limit", labels: shop, value: 200 },
  { name: "haproxy_session_rate", labels: shop, value: 3 },
  { name: "haproxy_session_saturation_ratio", labels: shop, value: 0.02 },
  { name: "haproxy_state", labels: { ...shop, state: "open" }, value: 1 },
  { name: "haproxy_sessions", labels: a, value: 4 },
  { name: "haproxy_session_limit", labels: a, value: 50 },
  { name: "haproxy_queue", labels: a, value: 0 },
  { name: "haproxy_session_saturation_ratio", labels: a, value: 0.08 },
  { name: "haproxy_state", labels: { ...a, state: "up", check: "L7OK" }, value: 1 },
  { name: "haproxy_serving", labels: a, value: 1 },
  { name: "haproxy_sessions", labels: b, value: 0 },
  { name: "haproxy_session_limit", labels: b, value: 50 },
  { name: "haproxy_queue", labels: b, value: 0 },
  { name: "haproxy_session_saturation_ratio", labels: b, value: 0 },
  { name: "haproxy_state", labels: { ...b, state: "down", check: "L4CON" }, value: 1 },
  { name: "haproxy_serving", labels: b, value: 0 },
  { name: "haproxy_sessions", labels: app, value: 4 },
  { name: "haproxy_session_limit", labels: app, value: 20 },
  { name: "haproxy_session_rate", labels: app, value: 3 },
  { name: "haproxy_queue", labels: app, value: 1 },
  { name: "haproxy_active_servers", labels: app, value: 1 },
  { name: "haproxy_backup_servers", labels: app, value: 0 },
  { name: "haproxy_weight", labels: app, value: 100 },
  { name: "haproxy_session_saturation_ratio", labels: app, value: 0.2 },
  { name: "haproxy_state", labels: { ...app, state: "up" }, value: 1 },
  { name: "haproxy_serving", labels: app, value: 1 },
];

const answered: readonly ExpectedSample[] = [
  { name: "haproxy_up", value: 1 },
  { name: "haproxy_poll_duration_seconds", value: 0 },
  { name: "haproxy_refused_rows_total", value: 0 },
];

/** Counts begin with the second look: the first only says what they are counted from. */
export const examples: readonly [HaproxyExample, ...HaproxyExample[]] = [
  {
    title: "Statistics over HTTP",
    options: { url, exclude: "stats" },
    given: {
      replies: {
        [url]: { body: stats },
        [url.replace("csv", "norefresh;scope=no-such-proxy")]: { body: page },
      },
    },
    expect: [
      [
        ...answered,
        { name: "haproxy_uptime_seconds", value: 266_405 },
        { name: "haproxy_info", labels: { version: "2.6.12" }, value: 1 },
        ...rows,
      ],
    ],
  },
  {
    title: "The run-time socket",
    options: { socket: "/run/haproxy/admin.sock", exclude: "stats" },
    given: { listeners: { "/run/haproxy/admin.sock": { reply: `${info}\n${stats}\n` } } },
    expect: [
      [
        ...answered,
        { name: "haproxy_uptime_seconds", value: 266_405 },
        { name: "haproxy_info", labels: { version: "2.6.12" }, value: 1 },
        { name: "haproxy_process_connection_limit", value: 200 },
        ...rows,
      ],
    ],
  },
  {
    title: "Nobody listens",
    options: { url },
    given: { replies: { [url]: { error: "ECONNREFUSED" } } },
    expect: [[{ name: "haproxy_up", value: 0 }]],
  },
];
