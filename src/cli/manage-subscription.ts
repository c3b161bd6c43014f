import { type Deed, PAUSED_INVOICES } from '../billing/managing/deed.ts';
import { doneInWords } from '../billing/managing/done-words.ts';
import { manageSubscription } from '../billing/managing/manage-subscription.ts';
import { openPortalFor } from '../billing/managing/open-portal-for.ts';
import { endOfDay } from '../platform/business-day.ts';
import { minute, operator, withDeps } from './on-database.ts';
import { subscriptionId } from './subscription-id.ts';
import type { Terminal } from './terminal.ts';

/** Cancelling, resuming, pausing and unpausing a subscription from a shell. */
interface Said {
  readonly reason: string;
  readonly json: boolean;
}

export async function cancel(
  terminal: Terminal,
  id: string,
  { when, invoiceNow, ...said }: Said & { when: string; invoiceNow: boolean },
): Promise<void> {
  if (when !== 'now' && when !== 'period_end') throw new Error('--when must be period_end or now.');
  if (invoiceNow && when !== 'now') throw new Error('--invoice-now goes with --when now: else what is left is billed.');
  const deed: Deed = when === 'now' ? { deed: 'cancel', when, invoiceNow } : { deed: 'cancel', when };
  await manage(terminal, id, () => deed, said);
}

export async function resume(terminal: Terminal, id: string, said: Said): Promise<void> {
  await manage(terminal, id, () => ({ deed: 'resume' }), said);
}

export async function unpause(terminal: Terminal, id: string, said: Said): Promise<void> {
  await manage(terminal, id, () => ({ deed: 'unpause' }), said);
}

export async function pause(
  terminal: Terminal,
  id: string,
  { what, invoices, until, ...said }: Said & { what: string; invoices?: string; until?: string },
): Promise<void> {
  if (what === 'subscription') {
    if (invoices !== undefined || until !== undefined) {
      throw new Error('--invoices and --until go with --what collection: a pause as a whole makes no invoices.');
    }
    await manage(terminal, id, () => ({ deed: 'pause', what }), said);
    return;
  }
  if (what !== 'collection') throw new Error('--what must be collection or subscription.');
  const become = PAUSED_INVOICES.find((known) => known === invoices);
  if (!become) throw new Error(`--invoices must be one of ${PAUSED_INVOICES.join(', ')}.`);
  const deed = (timeZone: string): Deed => ({ deed: 'pause', what, invoices: become, until: lastDay(until, timeZone) });
  await manage(terminal, id, deed, said);
}

function lastDay(day: string | undefined, timeZone: string): Date | null {
  if (day === undefined) return null;
  const end = endOfDay(timeZone, day);
  if (!end) throw new Error(`--until must be a day like 2027-01-31, not ${day}.`);
  return end;
}

async function manage(
  terminal: Terminal,
  given: string,
  deedIn: (timeZone: string) => Deed,
  { reason, json }: Said,
): Promise<void> {
  const id = subscriptionId(given);
  await withDeps(terminal, async (deps) => {
    const by = { actor: operator(), reason };
    const { changed, done } = await manageSubscription(id, deedIn(deps.timeZone), by, deps);
    if (json) {
      terminal.say(JSON.stringify({ subscription: id, changed, done }, null, 2));
      return;
    }
    const detail = doneInWords(done, (moment) => minute(moment, deps.timeZone));
    terminal.say(`${id}  ${detail}${changed ? '' : ' So it did before: nothing was to be done.'}`);
  });
}

export async function portal(
  terminal: Terminal,
  given: string,
  { returnUrl, reason, json }: Said & { returnUrl?: string },
): Promise<void> {
  const id = subscriptionId(given);
  if (returnUrl !== undefined && !/^https?:\/\/\S+$/.test(returnUrl)) {
    throw new Error('--return-url must be an address that begins with https://');
  }
  await withDeps(terminal, async (deps) => {
    const { url } = await openPortalFor(id, returnUrl, { actor: operator(), reason }, deps);
    terminal.say(json ? JSON.stringify({ subscription: id, url }, null, 2) : url);
  });
}
