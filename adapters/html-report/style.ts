/**
 * The report's style sheet: system fonts, one column, a light and a dark palette that stay apart for colour-blind eyes
 * (after Okabe and Ito: blue against orange, never red against green; scales go by lightness alone), a phone layout and a paper layout. It holds no
 * `<` and no `&`, so that the page stays well-formed XML.
 */
export const STYLE = `
:root{color-scheme:light;--paper:#fbfaf7;--card:#fff;--ink:#1c2631;--soft:#5b6774;--line:#e3e1da;--strong:#b9b7af;
--activity:#2c5d86;--pale:#2c5d8633;--l5:#56b4e9;--m10:#e69f00;--cosinor:#c14a17;--night:#7a68b3;--nightpale:#7a68b32b;
--hatch:#8b8f94;--gap:#cfcdc7;--hatchground:#f3f1ec;--notice:#fdf3dc;--noticeline:#e2b658;--shade:.13;
--deep:#3c2f78;--core:#8475bd;--rem:#56b4e9;--unspecified:#a9a6b8;--awake:#e69f00;--look:#cc4c02;
--look-0:#fff7d6;--look-1:#fee391;--look-2:#fec44f;--look-3:#fb9a29;--look-4:#ec7014;--look-5:#cc4c02;--look-6:#993404;--look-7:#5a2005}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#10151b;--card:#171e26;--ink:#e7ebef;
--soft:#a0acb8;--line:#29323c;--strong:#4a5662;--activity:#7db4e0;--pale:#7db4e03a;--l5:#56b4e9;--m10:#e6a93a;
--cosinor:#f58f5f;--night:#a899e6;--nightpale:#a899e633;--hatch:#6f7a85;--gap:#39434e;--hatchground:#1a2028;--notice:#2a2415;
--noticeline:#8a6d2b;--shade:.13;--deep:#6a5bc2;--core:#a899e6;--rem:#7cc7f2;--unspecified:#77748a;--awake:#e6a93a;--look:#f38d2c;
--look-0:#2a1d10;--look-1:#4a2b0e;--look-2:#6f3a0a;--look-3:#984c08;--look-4:#c6650f;--look-5:#ef8b2b;--look-6:#fbb95b;--look-7:#fff0b8}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0 auto;max-width:54rem;padding:2.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
h1,h2,h3,h4{line-height:1.2;font-weight:600;text-wrap:balance;margin:0}
h1{font-size:clamp(1.7rem,5vw,2.5rem);letter-spacing:-.02em}
h2{font-size:1.4rem;letter-spacing:-.01em;margin-bottom:1rem}
h3{font-size:1rem;margin:1.75rem 0 .6rem}
p{margin:0 0 .8rem;max-width:44rem}
a{color:var(--activity)}
section{margin-top:3.25rem;padding-top:1.5rem;border-top:1px solid var(--line)}
.brand{margin:0 0 1.25rem;font-weight:600}.brand span{font-weight:400;color:var(--soft)}
.lede{color:var(--soft);margin:.4rem 0 1.4rem}
.notice,footer p{background:var(--notice);border:1px solid var(--noticeline);border-left-width:4px;border-radius:6px;
padding:.75rem 1rem;max-width:none}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:1.2rem 0 0;padding:0;font-size:.9rem}
nav a{display:inline-block;padding:.2rem 0;text-decoration:none}nav a:hover,nav a:focus{text-decoration:underline}
footer{margin-top:3.25rem}
.caution{color:var(--soft);font-size:.9rem}
.absent{color:var(--soft);font-style:italic}
.none strong{color:var(--soft)}
.shapes{position:absolute;width:0;height:0}

.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:1rem;margin:0 0 1.5rem}
.facts dt{font-size:.85rem;color:var(--soft)}.facts dd{margin:0}
.facts b{display:block;font-size:1.75rem;font-weight:600;line-height:1.25;letter-spacing:-.01em}
.facts dd span{font-size:.85rem;color:var(--soft)}
.pairs{margin:0 0 1rem}.pairs div{display:grid;grid-template-columns:12rem 1fr;gap:1rem;padding:.4rem 0;border-bottom:1px solid var(--line)}
.pairs dt{color:var(--soft)}.pairs dd{margin:0;min-width:0}
code{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.summary{display:grid;grid-template-columns:15rem 1fr;gap:2rem;align-items:center}
.summary svg:only-child,.summary div:only-child{grid-column:1/-1}

.cards{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5rem,1fr));gap:.8rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem 1rem;break-inside:avoid}
.card h4{font-size:.88rem;font-weight:500;color:var(--soft)}
.card p{margin:.35rem 0 0;font-size:.88rem;line-height:1.45}
.card .value{font-size:1.6rem;font-weight:600;line-height:1.25;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.card .unit{display:inline-block;line-height:1.2;white-space:nowrap;font-size:.85rem;font-weight:400;color:var(--soft);letter-spacing:0}
.cards+p{margin-top:.9rem}
.card.none{border-style:dashed;background:none}.card.none .value{font-size:1.05rem;font-weight:500;color:var(--soft);letter-spacing:0}
.scale{display:flex;flex-wrap:wrap;justify-content:space-between;margin:.4rem 0 .1rem;font-size:.75rem;color:var(--soft)}
.scale svg{flex:0 0 100%;display:block}

figure{margin:1.25rem 0 1.5rem}
figcaption{font-size:.85rem;line-height:1.5;color:var(--soft);margin-top:.5rem;max-width:44rem}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:0 0 .7rem;padding:0;font-size:.85rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.45rem}
.swatch{width:26px;height:14px;flex:none}
.chart{display:block;width:100%;height:auto;overflow:visible}
.narrow{display:none}
.wide text{font-size:12px}.narrow text{font-size:11.5px}.ring text{font-size:12px}.ring .name{font-size:11px}.ring .activity{fill-opacity:.88}
.ring{width:100%;max-width:17rem;height:auto;margin:0 auto;display:block}
svg text{fill:var(--soft);font-variant-numeric:tabular-nums}
.mid{text-anchor:middle}.end{text-anchor:end}
svg text.name{fill:var(--ink);font-weight:600}svg text.weekend{fill:var(--activity)}
.halves text{font-style:italic}
.grid{stroke:var(--line);stroke-width:1;fill:none}.grid.strong{stroke:var(--strong)}
.limit{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;fill:none}
.activity{fill:var(--activity)}.recorded{fill:var(--activity);fill-opacity:.75}
.partial{fill:none;stroke:var(--activity);stroke-width:1}
.zero{fill:none;stroke:var(--activity);stroke-width:.8px;stroke-opacity:.65;vector-effect:non-scaling-stroke}
.hatch-ground{fill:var(--hatchground)}.hatch-line{stroke:var(--hatch);stroke-width:1.3}

.gap{fill:var(--gap)}.blank{fill:none;stroke:var(--line)}
.night{fill:none;stroke:var(--night);stroke-opacity:.8}
.in-bed{fill:var(--nightpale);stroke:var(--night);stroke-width:.6}.asleep{fill:var(--night)}
.l5{fill:var(--l5);fill-opacity:var(--shade)}.m10{fill:var(--m10);fill-opacity:var(--shade)}
.l5-solid{fill:var(--l5)}.m10-solid{fill:var(--m10)}
.spread{fill:var(--pale)}.profile{fill:none;stroke:var(--activity);stroke-width:1.8;stroke-linejoin:round}
.cosinor{fill:none;stroke:var(--cosinor);stroke-width:2;stroke-dasharray:6 4}.peak{fill:var(--cosinor)}
.look-0{color:var(--look-0)}.look-1{color:var(--look-1)}.look-2{color:var(--look-2)}.look-3{color:var(--look-3)}.look-4{color:var(--look-4)}.look-5{color:var(--look-5)}.look-6{color:var(--look-6)}.look-7{color:var(--look-7)}
.look{fill:none;stroke:currentColor;shape-rendering:crispEdges}rect[class^=look-]{fill:currentColor}
.look-frame{color:var(--strong);stroke-width:.7px;vector-effect:non-scaling-stroke}
.look-area{fill:var(--look);fill-opacity:.22}.look-line{fill:none;stroke:var(--look);stroke-width:1.8;stroke-linejoin:round}
svg text.over{paint-order:stroke;stroke:var(--paper);stroke-width:5px}
.ramp{width:104px;height:14px;flex:none}.legend span{white-space:nowrap}
.level{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:1.5 2.5}
.ring-ground{fill:none;stroke:var(--strong);stroke-width:.8}
.rail{stroke:var(--strong);stroke-width:2}.dot{fill:var(--activity);stroke:var(--card);stroke-width:1.5}
.stages{display:block;margin-bottom:.15rem;min-width:11rem}
.st-deep{fill:var(--deep)}.st-core{fill:var(--core)}.st-rem{fill:var(--rem)}.st-unspecified{fill:var(--unspecified)}.st-awake{fill:var(--awake)}

table{width:100%;border-collapse:collapse;font-size:.88rem;margin:1rem 0 1.5rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line)}
thead th{white-space:normal;font-weight:500;color:var(--soft);vertical-align:bottom;border-bottom-color:var(--strong)}
tbody th{font-weight:500}.nw,td.n{white-space:nowrap}.absent{white-space:normal}
.n{text-align:right}
.sub{display:block;font-size:.8rem;color:var(--soft)}
details{margin:.5rem 0 1rem}summary{cursor:pointer;color:var(--activity);padding:.3rem 0}

@media screen and (max-width:40rem){
body{padding:1.5rem 1rem 3rem}
.wide{display:none}.narrow{display:block;max-width:32rem;margin:0 auto}
section{margin-top:2.5rem}
.facts{grid-template-columns:1fr 1fr}
.summary{grid-template-columns:1fr;gap:1rem}
.cards{grid-template-columns:1fr}
.pairs div{grid-template-columns:1fr;gap:0}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,caption{display:block}
tbody tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.6rem,1fr));gap:.15rem .8rem;padding:.55rem 0;border-bottom:1px solid var(--line)}
tbody th,tbody td{display:block;border:0;padding:0;text-align:left;min-width:0}
tbody th,tbody .w{grid-column:1/-1}tbody .n{text-align:left}
tbody .stages{min-width:0;max-width:20rem}
td::before{content:attr(data-l);display:block;font-size:.75rem;color:var(--soft)}
}

@media print{
:root{--paper:#fff;--notice:#fff;--hatchground:#fff;--hatch:#222;--line:#d5d5d5;--soft:#444;--pale:#d4dee7;--nightpale:#fff}
@page{margin:16mm 15mm}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{max-width:none;padding:0;font-size:10pt}
nav,summary{display:none}
details::details-content{content-visibility:visible;display:block;height:auto;columns:3;column-gap:8mm}
tbody tr:first-child{break-before:avoid}
table{font-size:8.5pt}th,td{padding:.22rem .6rem .22rem 0}
a{color:inherit}
section{margin-top:1.6rem;padding-top:1rem}
h2,h3,caption{break-after:avoid}
figure,.facts,.summary,.notice,tr,.pairs div{break-inside:avoid}
.chart{max-height:225mm}
.cards{grid-template-columns:repeat(3,1fr)}
thead{display:table-header-group}
}
`;
