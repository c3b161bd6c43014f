/** The console: a bar, rooms, lists that become cards on a narrow screen, forms. */
export const consoleStyles = `
.skip { position: absolute; left: -100vw; top: 0; background: var(--paper); padding: 0.5rem 1rem; }
.skip:focus { left: 0; z-index: 1; }
.bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; padding: 0.6rem 1.25rem; background: var(--paper);
  border-bottom: 1px solid var(--line);
}
.bar .brand { font-weight: 700; margin: 0; }
.bar nav { display: flex; flex-wrap: wrap; flex: 1; }
.bar nav a {
  padding: 0.35rem 0.4rem; border-radius: 0.4rem; text-decoration: none; color: var(--soft); font-weight: 600; font-size: 0.875rem;
}
.bar nav a:hover { color: var(--ink); }
.bar nav a[aria-current] { color: var(--ink); background: var(--quiet-ground); }
.bar form { display: flex; align-items: center; gap: 0.75rem; }
.bar button { padding: 0.3rem 0.7rem; }
main.room { max-width: 72rem; }
.room > .title { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem; margin-bottom: 1.25rem; }
.room > .title h1 { margin: 0; }
.room section, .room > h2 { margin-top: 2rem; }
.room code { font-size: 0.875em; overflow-wrap: anywhere; }
.room pre { background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1rem; overflow: auto; }
.password { max-width: 26rem; }
button.quiet, .button.quiet { background: var(--paper); color: var(--accent); border-color: var(--edge); }
button.danger { background: var(--bad); color: var(--paper); }
.flash { background: var(--good-ground); color: var(--good); padding: 0.7rem 1rem; border-radius: 0.5rem; margin: 0 0 1.25rem; font-weight: 600; }
.flash.problem { background: var(--bad-ground); color: var(--bad); font-weight: 400; }
.flash p { margin: 0 0 0.25rem; font-weight: 600; }
.flash ul { margin: 0; padding-left: 1.25rem; }
.flash.problem a { color: inherit; }
.cards { list-style: none; margin: 0 0 2rem; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); }
.cards a {
  display: grid; padding: 1rem 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem;
  color: inherit; text-decoration: none;
}
.cards a:hover { border-color: var(--edge); }
.cards .name { color: var(--soft); font-weight: 600; font-size: 0.9375rem; }
.cards .value { font-size: 2rem; font-weight: 700; line-height: 1.25; font-variant-numeric: tabular-nums; }
.cards .bad { border-color: var(--bad); }
.cards .bad .value { color: var(--bad); }
.tools { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem; margin-bottom: 1rem; }
.tabs, .pages { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.5rem; }
.tabs a { padding: 0.25rem 0.7rem; border-radius: 1rem; border: 1px solid transparent; text-decoration: none; color: var(--soft); font-weight: 600; }
.tabs a[aria-current] { color: var(--ink); border-color: var(--edge); background: var(--paper); }
.pages { margin-top: 1rem; gap: 1rem; }
.search { grid-auto-flow: column; gap: 0.5rem; }
@media (min-width: 48rem) {
  .list td code, .list td .text { display: inline-block; min-width: 12rem; }
}
.search input { min-width: 16rem; padding: 0.35rem 0.7rem; }
.search button { padding: 0.35rem 0.8rem; }
.list { background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem; border-collapse: separate; border-spacing: 0; font-size: 0.9375rem; }
.list th, .list td { padding: 0.55rem 1rem; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.list th { color: var(--soft); font-size: 0.875rem; white-space: nowrap; }
.list tr:last-child td { border-bottom: 0; }
.list th.number { text-align: right; }
.room .lines { background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem; border-collapse: separate; border-spacing: 0; margin-bottom: 0.5rem; }
.room .lines th:first-child { padding-left: 1rem; }
.room .lines td:last-child, .room .lines thead th:last-child { padding-right: 1rem; }
.room .lines tfoot tr:last-child > * { padding-bottom: 0.8rem; }
.record { display: grid; gap: 0.5rem; margin: 0; }
.record div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); }
.record dt { color: var(--soft); }
.record dd { margin: 0; overflow-wrap: anywhere; }
.link { display: flex; align-items: end; gap: 0.75rem; margin-bottom: 1.25rem; }
.link label { flex: 1; }
.actions { display: flex; flex-wrap: wrap; align-items: start; gap: 0.75rem; margin-bottom: 1.5rem; }
.actions form.row { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.action > summary {
  list-style: none; cursor: pointer; padding: 0.6rem 1.1rem; border: 1px solid var(--edge); border-radius: 0.4rem; font-weight: 600;
  color: var(--accent); background: var(--paper); width: max-content;
}
.action > summary::-webkit-details-marker { display: none; }
.action[open] { flex-basis: 100%; background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1rem; }
.action[open] > summary { border-color: transparent; padding-left: 0; }
.action form { max-width: 34rem; }
.action form p { margin: 0; }
.action button, .decide button { justify-self: start; }
.decide { max-width: 40rem; margin-top: 1.5rem; padding: 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.75rem; }
.tick { grid-template-columns: auto 1fr; gap: 0.7rem; padding: 0.35rem 0; cursor: pointer; }
.tick .hint { display: block; }
.draft { gap: 1.75rem; }
.draft .columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); align-items: start; }
.draft .columns legend { grid-column: 1 / -1; }
.draft legend { font-size: 1.05rem; }
.draft .problem { font-size: 0.875rem; margin: 0; }
.draft [aria-invalid] { border-color: var(--bad); }
.draft .buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem; }
.list.fields td { padding: 0.5rem; }
.list.fields th { padding: 0.5rem; }
.list.fields input[type=checkbox] { margin-top: 0.7rem; }
.list.fields .quantity, .list.fields .tax_percent { width: 6.5rem; }
.list.fields .unit_amount { width: 9.5rem; }
@media (max-width: 48rem) {
  main.room { padding: 1.25rem 1rem; }
  .bar { justify-content: space-between; padding: 0.6rem 1rem; }
  .bar nav { order: 1; flex-basis: 100%; }
  .bar nav a { padding: 0.3rem 0.5rem; }
  .list td > .chip { justify-self: start; }
  .list thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .list, .list tbody, .list tr, .list td { display: block; width: auto; }
  .list tr { padding: 0.6rem 1rem; border-bottom: 1px solid var(--line); }
  .list tr:last-child { border-bottom: 0; }
  .list td, .list.fields td { border: 0; padding: 0.2rem 0; text-align: left; display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: 0.5rem; }
  .list td::before { content: attr(data-column); color: var(--soft); font-size: 0.875rem; }
  .list.fields td .problem { grid-column: 2; }
  .list.fields .quantity, .list.fields .tax_percent, .list.fields .unit_amount { width: auto; }
  .record div { grid-template-columns: 1fr; }
  .link { flex-wrap: wrap; }
  .room .lines .wide { display: none; }
  .room .lines .narrow { display: block; }
}
`;
