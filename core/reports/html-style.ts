/**
 * Contrasts are at least 4.5 : 1 in both schemes. Cells are isolated, so that text of one direction does not move what
 * stands beside it, and break anywhere, so that no name makes the page wider.
 */
export const HTML_STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1a2230; --quiet: #566072; --line: #d9dee6;
  --good: #12683a; --warning: #845000; --bad: #b3201f; --good-back: #e3f4ea; --warning-back: #fff1d9; --bad-back: #fde8e7; }
@media (prefers-color-scheme: dark) { :root { --page: #12161d; --card: #1a2029; --text: #e6eaf0; --quiet: #a3adbd;
  --line: #333d4b; --good: #6fd39b; --warning: #f0b75c; --bad: #ff9790; --good-back: #173024; --warning-back: #37290f;
  --bad-back: #3d1d1d; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main, footer { max-width: 68rem; margin: 0 auto; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
h1, h2, p, li, dd, dt, td { overflow-wrap: anywhere; unicode-bidi: isolate; }
p { margin: 0 0 .5rem; }
.text { white-space: pre-line; }
.brand { color: var(--quiet); font-size: .85rem; letter-spacing: .08em; text-transform: uppercase; }
.times, .quiet, .none, footer, dt { color: var(--quiet); }
header { margin-bottom: 1.5rem; }
.state { display: inline-block; margin-right: .5rem; padding: .1rem .6rem; border-radius: 1rem; }
.state.good { background: var(--good-back); } .state.warning { background: var(--warning-back); }
.state.bad { background: var(--bad-back); }
.good { color: var(--good); } .warning { color: var(--warning); } .bad { color: var(--bad); }
section { margin: 0 0 1rem; padding: 1rem 1.25rem; background: var(--card); color: var(--text);
  border: 1px solid var(--line); border-radius: .5rem; border-left-width: 4px; }
section.good { border-left-color: var(--good); } section.warning { border-left-color: var(--warning); }
section.bad { border-left-color: var(--bad); } section.good, section.warning, section.bad { color: var(--text); }
ul { margin: 0 0 .5rem; padding-left: 1.25rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .5rem 1.5rem; margin: 0 0 .75rem; }
dt { font-size: .85rem; } dd { margin: 0; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: 600; text-align: left; color: var(--quiet); white-space: nowrap; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { min-width: 5rem; max-width: 26rem; }
.long { max-height: 9rem; overflow: auto; }
.right { text-align: right; }
footer { padding-top: .5rem; font-size: .85rem; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  :root { --page: #fff; --card: #fff; --text: #000; --quiet: #444; --line: #bbb; --good: #0b5a30; --warning: #6d4200;
    --bad: #9c1413; --good-back: #fff; --warning-back: #fff; --bad-back: #fff; color-scheme: light; }
  body { padding: 0; font-size: 9.5pt; }
  section { padding: 0 0 0 3mm; border-width: 0 0 0 2px; border-radius: 0; margin-bottom: 5mm; }
  .state { padding: 0; }
  .table, .long { overflow: visible; } .long { max-height: none; }
  h2 { break-after: avoid; } tr, li, dl div { break-inside: avoid; } thead { display: table-header-group; }
}
`;
