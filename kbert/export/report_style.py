"""The look of `report.html`, on paper-white and on dark screens, from a phone's width up."""

STYLE = """
:root {
  --page: #fbfcfe; --card: #ffffff; --ink: #1b2230; --faint: #566078; --line: #d9dfe9; --code: #f0f3f8;
  --good: #17683a; --good-back: #e4f5ea; --bad: #a3211a; --bad-back: #fdeae8;
  --for: 37 99 235; --against: 220 38 38;
  --series-1: #2563eb; --series-2: #c2410c; --series-3: #0f766e; --series-4: #7c3aed; --series-5: #be185d;
  --series-6: #4d7c0f; color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141b; --card: #171d27; --ink: #e2e8f2; --faint: #9aa7bd; --line: #2e3848; --code: #1f2733;
    --good: #7fdca3; --good-back: #14301f; --bad: #ff9b92; --bad-back: #3a1a18;
    --for: 96 150 255; --against: 255 105 97;
    --series-1: #7aa2ff; --series-2: #ff9f68; --series-3: #4fd1c0; --series-4: #b794f6; --series-5: #f687b3;
    --series-6: #a3d160;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.3rem; overflow-wrap: anywhere }
h2 { font-size: 1.25rem; margin: 2.6rem 0 0.6rem }
h3 { font-size: 1rem; margin: 1.4rem 0 0.4rem; overflow-wrap: anywhere }
p { margin: 0.4rem 0 } .faint { color: var(--faint) }
.verdict { margin: 1.2rem 0; padding: 0.9rem 1.1rem; border-radius: 0.6rem; border-left: 0.35rem solid }
.passed { background: var(--good-back); border-color: var(--good) } .passed strong { color: var(--good) }
.refused { background: var(--bad-back); border-color: var(--bad) } .refused strong { color: var(--bad) }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--card) }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums }
th, td { padding: 0.45rem 0.6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
tr:last-child > * { border-bottom: 0 } thead th { color: var(--faint); font-weight: 600; vertical-align: bottom }
th.number, td.number { text-align: right; white-space: nowrap }
tbody th { font-weight: 600; min-width: 8rem; overflow-wrap: anywhere }
/* The head of a row stays in sight while the row is scrolled. */
tr > th:first-child { position: sticky; left: 0; background: var(--card) }
td small, th small { display: block; font-weight: 400; color: var(--faint) }
.tiles { display: grid; gap: 0.8rem; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); padding: 0;
  margin: 1.2rem 0; list-style: none }
.tiles li { padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--card);
  font-size: 0.85rem; color: var(--faint); overflow-wrap: anywhere }
.tiles b { display: block; font-size: 1.45rem; line-height: 1.3; color: var(--ink) }
.charts { display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 23rem), 1fr)) }
.stack { display: grid; gap: 1rem; align-content: start; min-width: 0 }
figure { margin: 0; padding: 0.9rem; border: 1px solid var(--line); border-radius: 0.6rem; background: var(--card);
  min-width: 0 }
figcaption { font-weight: 600; margin-bottom: 0.4rem } figcaption span { display: block; font-weight: 400;
  font-size: 0.85rem; color: var(--faint) }
svg { display: block; width: 100%; max-width: 34rem; height: auto; margin: 0 auto }
svg text { font-family: inherit !important }
details { margin-top: 0.6rem } summary { cursor: pointer; color: var(--faint) }
.texts { display: grid; gap: 0.8rem; padding: 0; margin: 0.6rem 0; list-style: none }
.texts li { padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-left-width: 0.3rem;
  border-radius: 0.6rem; background: var(--card) }
.texts li.changed { border-left-color: var(--bad) }
.texts p { overflow-wrap: anywhere } .text { font-size: 1.05rem; line-height: 1.8 }
.answers { font-size: 0.9rem; color: var(--faint) } .answers b { color: var(--ink) }
mark { color: inherit; border-radius: 0.2rem; padding: 0.1rem 0; text-underline-offset: 0.25em }
mark.for { background: rgb(var(--for) / var(--strength)); border-bottom: 2px solid rgb(var(--for) / var(--strength)) }
mark.against { background: rgb(var(--against) / var(--strength));
  border-bottom: 2px dashed rgb(var(--against) / var(--strength)) }
pre { background: var(--code); border-radius: 0.6rem; padding: 0.8rem 1rem; overflow-x: auto; font-size: 0.85rem;
  line-height: 1.45 }
code { font-family: ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere }
pre code { overflow-wrap: normal }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0 }
dt { color: var(--faint) } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 30rem) {
  table { font-size: 0.85rem } tbody th { max-width: 42vw }
  dl { grid-template-columns: 1fr } dd { margin-bottom: 0.4rem }
}
@media (min-width: 48rem) { tbody th { white-space: nowrap } }
@media print { .scroll, pre { overflow: visible } pre { white-space: pre-wrap } }
"""
