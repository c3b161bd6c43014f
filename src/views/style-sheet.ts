/** The one style sheet: pages for customers, the console and the login. Light and dark, no web fonts, no scripts. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1d2433, #e8ebf2);
  --soft: light-dark(#5b6478, #a4adbf);
  --paper: light-dark(#ffffff, #171b24);
  --ground: light-dark(#f4f5f8, #0f1218);
  --line: light-dark(#d9dde6, #2d3443);
  --accent: light-dark(#2747c7, #8fa6ff);
  --on-accent: light-dark(#ffffff, #10131a);
  --good: light-dark(#14683a, #6fd39b);
  --bad: light-dark(#a3201d, #ff9c94);
  font: 16px/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1.25rem; }
a { color: var(--accent); }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem; }
main.narrow { max-width: 24rem; padding-top: 12vh; }
form { display: grid; gap: 1rem; }
label { display: grid; gap: 0.25rem; font-weight: 600; }
input, select, textarea {
  font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 0.4rem;
  padding: 0.55rem 0.7rem; width: 100%;
}
button, .button {
  font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: 0.4rem;
  padding: 0.65rem 1.1rem; cursor: pointer; text-decoration: none; text-align: center; display: inline-block;
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { color: var(--soft); font-size: 0.875rem; }
.problem { color: var(--bad); margin: 0; font-weight: 600; }
`;
