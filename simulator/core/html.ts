const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is safe inside elements and quoted attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** A link's target, or `#` when it is not a web address: `javascript:` must not get through. */
export const href = (url: string): string => (/^https?:\/\//i.test(url) ? escaped(url) : '#');

const STYLE = `
:root { color-scheme: light; --ink: #1a1f36; --soft: #4f566b; --line: #d5dbe1; --accent: #4f46c8; --bad: #a4132e; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: #f6f8fa; }
a { color: var(--accent); }
.banner { background: #fdf0c2; color: #5b3d00; text-align: center; padding: .4rem 1rem; font-size: .875rem; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.columns { display: grid; gap: 2rem; grid-template-columns: 1fr 1fr; }
@media (max-width: 46rem) { .columns { grid-template-columns: 1fr; } }
.card { background: #fff; border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; } h2 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
.total { font-size: 2rem; font-weight: 650; margin: 0 0 1rem; }
table { width: 100%; border-collapse: collapse; } td, th { padding: .4rem 0; text-align: left; font-weight: 400; }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; } tfoot th, tfoot td { color: var(--soft); }
tfoot tr:last-child > * { border-top: 1px solid var(--line); color: var(--ink); font-weight: 650; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 550; }
input, select { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid #8792a2; border-radius: 8px; background: #fff; }
button, .button { display: block; width: 100%; margin-top: .6rem; padding: .7rem 1rem; font: inherit; font-weight: 600; text-align: center;
  border-radius: 8px; border: 1px solid #8792a2; background: #fff; color: var(--ink); cursor: pointer; text-decoration: none; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; }
button:hover, .button:hover { filter: brightness(.96); }
:focus-visible { outline: 3px solid #b3ac0f; outline-offset: 2px; }
fieldset { border: 0; margin: 1.25rem 0 0; padding: 0; } legend { font-weight: 650; padding: 0; }
.hint { color: var(--soft); font-size: .875rem; margin: .25rem 0 0; }
.problem { border: 1px solid var(--bad); background: #fdecef; color: var(--bad); border-radius: 8px; padding: .75rem 1rem; margin: 0 0 1rem; }
`;

/** A whole page around a body that is already HTML. */
export function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="banner" style="margin:0">Simulated Stripe: no real money moves here.</p>
<main>
${body}
</main>
</body>
</html>
`;
}
