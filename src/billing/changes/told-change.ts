import { fromUnix } from '../../platform/clock.ts';
import { bug } from '../../platform/errors.ts';
import type { ChangeRow } from './changes.ts';
import type { Preview, PreviewLine } from './preview.ts';

/** Previews and changes as JSON, the same for `/v1` and the command line. Amounts are minor units of `currency`. */

export function toldPreview({ prorationDate, takesEffect, takesEffectAt, renewal, ...preview }: Preview) {
  return {
    preview: true,
    currency: preview.currency,
    due_now: preview.dueNow,
    total: preview.total,
    balance_used: preview.balanceUsed,
    lines: preview.lines.map(toldLine),
    proration_date: prorationDate === null ? null : fromUnix(prorationDate).toISOString(),
    takes_effect: takesEffect,
    takes_effect_at: takesEffectAt?.toISOString() ?? null,
    changes: preview.items,
    renewal: renewal && { total: renewal.total, lines: renewal.lines.map(toldLine) },
  };
}

function toldLine({ description, amount, proration, periodStart, periodEnd }: PreviewLine) {
  return {
    description,
    amount,
    proration,
    period_start: periodStart.toISOString(),
    period_end: periodEnd.toISOString(),
  };
}

/** What was charged is what the invoice says; nothing, where there is none. */
export function toldChange(change: ChangeRow) {
  const { id, subscription, currency, invoice, outcome, pay_url, effect_at } = change;
  return {
    preview: false,
    change: id,
    subscription,
    status: outcome ?? bug(`change ${id} has come to nothing`),
    currency,
    due_now: change.charged_due ?? 0,
    total: change.charged_total ?? 0,
    invoice,
    pay_url,
    pay_until: outcome === 'waiting' ? (effect_at?.toISOString() ?? null) : null,
    takes_effect_at: outcome === 'scheduled' ? (effect_at?.toISOString() ?? null) : null,
  };
}
