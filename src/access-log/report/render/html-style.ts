/** The style sheet of the page; light or dark as the reader's system is. */
export const htmlStyle = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--rule:#d9dee5;--back:#f6f7f9;--card:#fff;
--ok:#4c86d8;--warn:#d99a1c;--bad:#cf3f3f;--good:#2f9461}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#98a3b3;--rule:#323a46;--back:#14181e;--card:#1c222b;
--ok:#5f97e6;--warn:#e0ab3e;--bad:#e66161;--good:#4db380}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:22px;margin:0;overflow-wrap:anywhere}
h2{font-size:15px;margin:0 0 10px}
p{margin:4px 0 0;color:var(--soft)}
section{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:14px 16px;margin-top:16px;overflow-x:auto}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:16px}
.facts div{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:10px 14px}
.facts b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
.facts span{color:var(--soft);font-size:13px}
.tops{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:0 16px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:500;font-size:13px;color:var(--soft);text-align:right}
th,td{padding:3px 8px;border-bottom:1px solid var(--rule);white-space:nowrap}
tr:last-child td{border-bottom:0}
td.n{text-align:right}
th.k,td.k{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:160px}
td.bar{width:22%;min-width:80px}
td.bar i{display:block;height:10px;border-radius:2px;background:var(--ok)}
.warn{color:var(--warn)}.bad{color:var(--bad)}.good{color:var(--good)}.dim{color:var(--soft)}
td.bar i.bad{background:var(--bad)}td.bar i.warn{background:var(--warn)}td.bar i.good{background:var(--good)}td.bar i.dim{background:var(--soft)}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font-size:12px}
svg path.rule{stroke:var(--rule);fill:none}
svg path.ok{fill:var(--ok)}svg path.warn{fill:var(--warn)}svg path.bad{fill:var(--bad)}
svg path.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
svg path.line.ok{stroke:var(--ok)}svg path.line.warn{stroke:var(--warn)}
svg rect.hover{fill:transparent}svg rect.hover:hover{fill:var(--ink);fill-opacity:.08}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 12px;background:var(--ok)}
.key.warn{background:var(--warn)}.key.bad{background:var(--bad)}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}
footer{margin-top:20px;color:var(--soft);font-size:13px}
@media print{body{background:none}section{break-inside:avoid}}
`;
