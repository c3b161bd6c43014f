/** Colours, type and the controls that all pages share. Text on its ground has a contrast of at least 4.5:1 (WCAG AA). */
export const baseStyles = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1b2130, #e8ebf2);
  --soft: light-dark(#555e72, #a7b0c2);
  --paper: light-dark(#ffffff, #181c26);
  --ground: light-dark(#f3f4f7, #0f1218);
  --line: light-dark(#dfe2ea, #2e3545);
  --edge: light-dark(#868ea0, #6d7688);
  --accent: light-dark(#2747c7, #93a9ff);
  --on-accent: light-dark(#ffffff, #10131a);
  --good: light-dark(#12633a, #74d6a0);
  --good-ground: light-dark(#e2f4e9, #12301f);
  --bad: light-dark(#a01f1c, #ffa39b);
  --bad-ground: light-dark(#fce9e7, #3a1715);
  --busy: light-dark(#7a4a00, #f2c172);
  --busy-ground: light-dark(#fdf1d8, #33260c);
  --quiet-ground: light-dark(#eceef3, #262c39);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1.25rem; }
h2 { font-size: 1.05rem; line-height: 1.3; margin: 0 0 0.5rem; }
p { margin: 0 0 0.75rem; }
a { color: var(--accent); }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem; }
main.narrow { max-width: 26rem; padding-top: 12vh; }
main.narrow form + .hint { margin-top: 1.5rem; }
form { display: grid; gap: 1rem; }
label { display: grid; gap: 0.25rem; font-weight: 600; }
input, select, textarea {
  font: inherit; font-weight: 400; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 0.4rem;
  padding: 0.55rem 0.7rem; width: 100%;
}
input[type=checkbox], input[type=radio] { width: 1.15rem; height: 1.15rem; margin: 0.2rem 0 0; padding: 0; accent-color: var(--accent); }
button, .button {
  font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid transparent;
  border-radius: 0.4rem; padding: 0.6rem 1.1rem; cursor: pointer; text-decoration: none; text-align: center; display: inline-block;
}
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; margin-bottom: 0.5rem; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; }
.hint { color: var(--soft); font-size: 0.875rem; font-weight: 400; }
.problem { color: var(--bad); margin: 0 0 0.75rem; font-weight: 600; }
.text { white-space: pre-line; overflow-wrap: anywhere; }
.nowrap { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.chip {
  display: inline-block; padding: 0.1rem 0.6rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600;
  white-space: nowrap; border: 1px solid var(--edge); color: var(--ink);
}
.chip.good { color: var(--good); background: var(--good-ground); border-color: transparent; }
.chip.bad { color: var(--bad); background: var(--bad-ground); border-color: transparent; }
.chip.busy { color: var(--busy); background: var(--busy-ground); border-color: transparent; }
.chip.quiet { color: var(--soft); background: var(--quiet-ground); border-color: transparent; }
@media (prefers-reduced-motion: no-preference) { button, .button { transition: filter 0.1s; } }
`;
