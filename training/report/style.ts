/** @file How the report looks, in light and in dark. */
import { colors } from '../../models/charts/node.js';

export const style = `${colors}* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.8rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .4rem 0; max-width: 46rem; }
.muted { color: var(--muted); }
.verdict { font-size: 1.1rem; margin: 1rem 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; }
.card b { display: block; font-size: 1.6rem; font-variant-numeric: tabular-nums; line-height: 1.2; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; align-items: start; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; min-width: 0; }
.charts figure:only-child { max-width: 38rem; }
figcaption { color: var(--muted); font-size: .9rem; }
figure svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--muted); font-weight: 600; }
td.number, th.number { text-align: right; padding-left: .8rem; padding-right: 0; }
td.text { min-width: 16rem; max-width: 46rem; overflow-wrap: anywhere; }
table.confusion td { text-align: center; min-width: 4.5rem; padding: .6rem; border: 1px solid var(--line); }
table.confusion th { padding: .4rem .6rem; }
ul { padding-left: 1.2rem; max-width: 50rem; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem; overflow-x: auto; font-size: .85rem; }
`;
