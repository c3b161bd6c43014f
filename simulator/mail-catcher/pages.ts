import { escaped } from '../core/html.ts';
import type { CaughtMail } from './mails.ts';

/** What a person sees: the list, and one mail with its text, its HTML and its headers. */
const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2433, #e8ebf2); --soft: light-dark(#5b6478, #a4adbf);
  --paper: light-dark(#fff, #171b24); --ground: light-dark(#f4f5f8, #0f1218); --line: light-dark(#d9dde6, #2d3443);
  --accent: light-dark(#2747c7, #8fa6ff); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
a { color: var(--accent); } h1 { font-size: 1.4rem; margin: 0 0 1rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.hint, th { color: var(--soft); font-size: .875rem; font-weight: 400; text-align: left; }
table { width: 100%; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); }
td, th { padding: .5rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
pre, iframe { width: 100%; background: var(--paper); border: 1px solid var(--line); margin: 0; }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; } iframe { height: 36rem; background: #fff; }
header { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; }
button { font: inherit; padding: .4rem .8rem; } :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>${body}</main></body>
</html>
`;
}

export function listPage(mails: readonly CaughtMail[]): string {
  const rows = mails
    .toReversed()
    .map(
      (mail) => `<tr><td><a href="/mails/${mail.id}.html">${escaped(mail.subject || '(no subject)')}</a></td>
<td>${escaped(mail.envelope.to.join(', '))}</td><td>${escaped(mail.at.slice(0, 19).replace('T', ' '))}</td></tr>`,
    )
    .join('\n');
  const table =
    mails.length === 0
      ? '<p>No mail has come yet. Reload the page to look again.</p>'
      : `<table><thead><tr><th scope="col">subject</th><th scope="col">to</th><th scope="col">caught at (UTC)</th></tr></thead>
<tbody>${rows}</tbody></table>`;
  return page(
    'Caught mails',
    `<header><h1>Caught mails</h1><form method="post" action="/clear"><button>Throw all away</button></form></header>
<p class="hint">Nothing is delivered from here: whatever is sent to this server stays on these pages.</p>${table}`,
  );
}

export function mailPage(mail: CaughtMail): string {
  const headers = mail.headers
    .map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
    .join('\n');
  return page(
    mail.subject,
    `<p><a href="/">All mails</a></p><h1>${escaped(mail.subject || '(no subject)')}</h1>
<p class="hint">from ${escaped(mail.from)} to ${escaped(mail.envelope.to.join(', '))}, ${escaped(mail.at)}</p>
<h2>HTML</h2>${mail.html === null ? '<p>none</p>' : frameOf(mail.html)}
<h2>Text</h2>${mail.text === null ? '<p>none</p>' : `<pre>${linked(mail.text)}</pre>`}
<h2>Headers</h2><table><tbody>${headers}</tbody></table>`,
  );
}

/** The mail's own HTML runs nothing and reaches nothing; its links open beside it. */
function frameOf(html: string): string {
  const sandbox = 'allow-popups allow-popups-to-escape-sandbox';
  return `<iframe title="The mail as HTML" sandbox="${sandbox}" srcdoc="${escaped(`<base target="_blank">${html}`)}"></iframe>`;
}

/** The text is escaped first, so a URL also ends where a sign that was escaped begins; its own `&` stays. */
function linked(text: string): string {
  const url = /https?:\/\/(?:(?!&(?:lt|gt|quot|#39);)[^\s<>"')])+/g;
  return escaped(text).replace(url, (address) => `<a href="${address}" rel="noreferrer">${address}</a>`);
}
