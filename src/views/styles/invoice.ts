/** The public invoice page: the paper and, beside it, what can be done. On paper only the document remains. */
export const invoiceStyles = `
main.invoice { max-width: 72rem; display: grid; gap: 1.5rem; grid-template-columns: minmax(0, 1fr) 20rem; align-items: start; }
.paper, .panel { background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem; }
.paper { padding: 3rem; }
.panel { padding: 1.5rem; position: sticky; top: 1.5rem; overflow-wrap: anywhere; }
.paper header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1.5rem; margin-bottom: 2.5rem; }
.paper .brand { font-size: 1.25rem; font-weight: 700; line-height: 1.2; margin: 0 0 0.4rem; overflow-wrap: anywhere; }
.paper address { font-style: normal; color: var(--soft); font-size: 0.9375rem; }
.paper address span { display: block; overflow-wrap: anywhere; }
.paper .title { text-align: right; }
.paper .title h1 { margin: 0 0 0.5rem; }
.facts { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 1.25rem 2.5rem; margin: 0 0 2rem; }
.facts dl { margin: 0; }
.facts dt { color: var(--soft); font-size: 0.875rem; }
.facts dd { margin: 0; }
.facts dd .text { display: block; }
.facts .days div { display: grid; grid-template-columns: 5rem auto; align-items: baseline; }
table.lines { margin-bottom: 2rem; }
.lines th, .lines td { padding: 0.6rem 0 0.6rem 1rem; vertical-align: top; border-bottom: 1px solid var(--line); }
.lines th:first-child { padding-left: 0; width: 100%; }
.lines thead th { color: var(--soft); font-size: 0.875rem; vertical-align: bottom; border-bottom-color: var(--edge); }
.lines tbody th { font-weight: 400; }
.lines tfoot th, .lines tfoot td { border: 0; padding-top: 0.4rem; padding-bottom: 0.2rem; font-weight: 400; color: var(--soft); }
.lines tfoot th { text-align: left; }
.lines tfoot tr:first-child > * { padding-top: 0.9rem; }
.lines tfoot .total > * { font-size: 1.125rem; font-weight: 700; color: var(--ink); }
.lines .narrow { display: none; color: var(--soft); font-size: 0.875rem; }
.tag { margin-left: 0.5rem; color: var(--soft); font-size: 0.8125rem; border: 1px solid var(--line); border-radius: 0.3rem; padding: 0 0.35rem; }
.paper section { margin-top: 1.5rem; }
.paper section h2 { color: var(--soft); font-size: 0.875rem; }
.payments { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.4rem; }
.payments .when { display: inline-block; min-width: 10rem; }
.payments .reference { display: block; color: var(--soft); font-size: 0.8125rem; overflow-wrap: anywhere; }
.panel .about { display: flex; flex-wrap: wrap; column-gap: 0.75rem; }
.panel h2 { color: var(--soft); font-size: 0.9375rem; margin: 0; }
.panel .amount { font-size: 1.75rem; font-weight: 700; line-height: 1.25; margin: 0 0 0.5rem; font-variant-numeric: tabular-nums; }
.panel .problem { background: var(--bad-ground); border-radius: 0.5rem; padding: 0.7rem 0.9rem; font-weight: 500; }
.panel form { margin-top: 1rem; }
.panel form p { margin: 0; }
.panel button { padding: 0.8rem 1.1rem; }
.panel .extra {
  display: grid; grid-template-columns: auto 1fr; gap: 0.7rem; font-weight: 400; padding: 0.6rem 0; border-top: 1px solid var(--line);
  cursor: pointer;
}
.panel .extra .hint { display: block; }
.paper-only { display: none; }
@media (max-width: 60rem) {
  main.invoice { grid-template-columns: minmax(0, 1fr); max-width: 46rem; }
  .panel { position: static; order: -1; }
}
@media (max-width: 36rem) {
  main.invoice { padding: 1rem; gap: 1rem; }
  .paper { padding: 1.25rem; }
  .paper .title { text-align: left; }
  .lines .wide { display: none; }
  .lines .narrow { display: block; }
}
@page { margin: 18mm 16mm; }
@media print {
  :root { color-scheme: light; font-size: 10.5pt; --soft: #444; --line: #bbb; --edge: #777; }
  body, .paper { background: none; }
  main.invoice { display: block; max-width: none; padding: 0; }
  .paper { border: 0; padding: 0; }
  .panel { display: none; }
  .paper-only { display: block; margin-top: 2rem; overflow-wrap: anywhere; }
  .paper header { flex-wrap: nowrap; }
  .paper .title { text-align: right; }
  .lines th, .lines td { padding-top: 0.3rem; padding-bottom: 0.3rem; }
  .lines .wide { display: table-cell; }
  .lines .narrow { display: none; }
  thead { display: table-header-group; }
  tr, .facts, .paper section { break-inside: avoid; }
  tfoot { display: table-row-group; }
  .chip { border-color: var(--edge) !important; background: none !important; color: var(--ink) !important; }
}
`;
