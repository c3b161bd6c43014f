import { formatAmount } from '../core/currencies.ts';
import { escaped, layout } from '../core/html.ts';
import { type PageRoute, page } from '../core/pages.ts';
import { linesOfNote } from './note-records.ts';

/** In place of a PDF, behind `pdf` of a credit note. */
export const notePages: readonly PageRoute[] = [
  page('GET', '/credit_note/{account}/{id}/pdf', (world, _form, { id }) => {
    const [, note] = world.locate('credit_note', id, ({ store }) => store.credit_note.get(id));
    const money = (amount: number): string => escaped(formatAmount(amount, note.currency));
    const row = (label: string, amount: number): string =>
      `<tr><th scope="row">${escaped(label)}</th><td>${money(amount)}</td></tr>`;
    const rows = linesOfNote(note).map((line) => row(line.description ?? 'Credit', line.amount));
    const tax = (note.total_taxes ?? []).filter(({ tax_behavior: how }) => how === 'exclusive');
    const title = `Credit note ${note.number}`;
    const body = `<div class="card"><h1>${escaped(title)}</h1>
<p class="total">${money(note.total)}</p><p>${escaped(note.memo ?? '')}</p>
<table><tbody>${rows.join('')}</tbody><tfoot>${tax.map(({ amount }) => row('Tax', amount)).join('')}${row('Total', note.total)}</tfoot></table></div>`;
    return { status: 200, html: layout(title, body) };
  }),
];
