"""How a report looks: light, and the same on paper."""

CSS = """
:root { color-scheme: light; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; color: #221d1a; background: #fff;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { margin: 0 0 0.25rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1.3rem; break-after: avoid; }
p { margin: 0.4rem 0 0.8rem; }
.note { color: #665e58; font-size: 0.9em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #e6dfd8; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #cfc6bd; font-size: 0.9em; }
td.number, th.number { text-align: right; white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 2rem; align-items: start; }
.facts td { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.matrix td, .matrix th { padding: 0.25rem 0.4rem; border: 1px solid #fff; font-size: 0.85em; }
.matrix td { min-width: 2.6rem; text-align: right; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.matrix thead th { text-align: right; }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; break-inside: avoid; }
figcaption { max-width: 20rem; font-size: 0.9em; }
.chart { width: 19rem; font-size: 11px; fill: #3a332e; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; margin: 0.6rem 0; padding: 0; list-style: none; }
.legend li::before { content: ""; display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em;
  border-radius: 2px; background: var(--color); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 0.75rem; padding: 0;
  list-style: none; }
.gallery li { display: grid; grid-template-columns: 5rem 1fr; gap: 0.3rem 0.6rem; padding: 0.5rem;
  border: 1px solid #e6dfd8; border-radius: 6px; break-inside: avoid; font-size: 0.85em; line-height: 1.3; }
.gallery img { width: 5rem; height: 5rem; image-rendering: pixelated; }
.gallery p { grid-column: 1 / -1; margin: 0; }
.bars { width: 100%; height: 5rem; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } @page { margin: 15mm; } }
"""
