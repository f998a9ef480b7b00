// Rows of the statistics as HAProxy 2.6 writes them.

const columns =
  "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr," +
  "wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid," +
  "throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code," +
  "check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail," +
  "req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp," +
  "lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code," +
  "agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise," +
  "agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot," +
  "intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim," +
  "qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur," +
  "need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,";

export const haproxyHeader = `# ${columns}`;

const fixed: Readonly<Record<string, string>> = {
  status: "UP",
  weight: "100",
  act: "1",
  bck: "0",
  pid: "1",
  lastchg: "86400",
  check_status: "L7OK",
  check_code: "200",
  last_chk: "HTTP status check returned code <200>",
  check_desc: "Layer7 check passed",
  mode: "http",
  "-": "-",
};
/** What grows while a healthy server is busy, or is more than 0 then; every other number is 0. */
const growing = new Set(
  "stot bin bout lbtot hrsp_2xx hrsp_3xx hrsp_4xx req_tot cli_abrt connect reuse scur smax rate qtime ctime rtime ttime".split(
    " ",
  ),
);
const empty = new Set(
  "slim qlimit throttle tracked rate_lim req_rate req_rate_max agent_status agent_code agent_duration agent_desc addr cookie algo".split(
    " ",
  ),
);
const names = columns.split(",").slice(0, -1);

/** A server's row, or a backend's; `n` is where its counters stand. */
export function haproxyRow(proxy: string, server: string, n: number): string {
  const own: Readonly<Record<string, string>> = {
    pxname: proxy,
    svname: server,
    type: server === "BACKEND" ? "1" : "2",
  };
  const cells = names.map((name) => {
    if (empty.has(name)) {
      return "";
    }
    return own[name] ?? fixed[name] ?? (growing.has(name) ? String(n) : "0");
  });
  return `${cells.join(",")},`;
}
