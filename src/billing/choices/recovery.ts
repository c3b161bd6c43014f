import '../recovery/questions.ts';
import { z } from 'zod';
import { emailAddress } from '../../platform/email-address.ts';
import { whenFree } from '../../platform/when-free.ts';
import type { Deps } from '../deps/deps.ts';
import { NotDecided } from '../desk/decide.ts';
import { answered, type Choice } from '../desk/questions.ts';
import { draftsLeft } from '../recovery/ask-about-drafts.ts';
import { endSubscription, leaveUnended } from '../recovery/end-at-stripe.ts';
import { unsubscribeCustomer } from '../recovery/manage-recovery.ts';
import { followCustomer } from '../subscriptions/follow-catalog.ts';
import { invoicesOf } from '../subscriptions/invoices.ts';
import { findSubscription } from '../subscriptions/subscriptions.ts';
import { refreshInvoice } from '../subscriptions/sync-subscription.ts';

/** What may be decided about failed payments. */

export const writeTo: Choice = {
  name: 'write_to',
  effect:
    'The address is set on the customer at Stripe, which sends its own mails there, too; what is due is written to it.',
  asks: 'E-mail address of the customer',
  async run({ subject: customer }, deps, { given }) {
    const address = emailAddress.safeParse(given);
    if (!address.success) throw new NotDecided('That is no e-mail address, e.g. ada@example.com.');
    await deps.stripe.customers.update(customer, { email: address.data });
    await whenFree(() => followCustomer({ customer }, deps));
    return answered('the address is set on the customer at Stripe');
  },
};

export const writeToNobody: Choice = {
  name: 'write_to_nobody',
  effect:
    'The customer gets no letters about failed payments, about this one and later ones, until somebody takes that back.',
  async run({ subject: customer }, deps, by) {
    await unsubscribeCustomer(customer, by, deps);
    return answered('nothing is written to the customer');
  },
};

export const chargeDrafts: Choice = {
  name: 'charge_drafts',
  effect: 'The drafts are finalized, and Stripe collects them, as it does every invoice of the subscription.',
  run: async ({ subject }, deps) => {
    const charged = await withEachDraft(subject, deps, async (id) => {
      await deps.stripe.invoices.finalizeInvoice(id, { auto_advance: true });
    });
    return answered(`${charged} invoices were finalized, and Stripe collects them`);
  },
};

export const voidDrafts: Choice = {
  name: 'void_drafts',
  effect:
    'Nobody owes for that time: the drafts are finalized, which Stripe wants first, and voided. Nothing is charged.',
  run: async ({ subject }, deps) => {
    const voided = await withEachDraft(subject, deps, async (id) => {
      const { status } = await deps.stripe.invoices.finalizeInvoice(id, { auto_advance: false });
      if (status === 'open') await deps.stripe.invoices.voidInvoice(id);
    });
    return answered(`${voided} invoices were voided`);
  },
};

/** Each is looked at first: whoever decides once more, after a crash, goes on where it ended. @returns how many there were */
async function withEachDraft(
  subscription: string,
  deps: Deps,
  act: (invoice: string) => Promise<void>,
): Promise<number> {
  const kept = await findSubscription(deps.db, subscription);
  const drafts = kept ? draftsLeft(kept, await invoicesOf(deps.db, subscription)) : [];
  for (const { id } of drafts) {
    const { status } = await deps.stripe.invoices.retrieve(id);
    if (status === 'draft') await act(id);
    await whenFree(() => refreshInvoice({ invoice: id }, deps));
  }
  return drafts.length;
}

const refusedEnd = z.looseObject({ invoice: z.string() });

export const endAgain: Choice = {
  name: 'try_again',
  effect: 'Stripe is asked once more to end or pause the subscription, as the policy says.',
  async run({ details }, deps) {
    const end = await endSubscription(refusedEnd.parse(details).invoice, deps);
    if (end === 'refused') return { answered: false, said: 'Stripe refuses it again' };
    return answered(end === 'not_needed' ? 'the invoice is not owed any more' : 'it is done');
  },
};

export const leaveAsIs: Choice = {
  name: 'leave_as_it_is',
  effect: 'The subscription stays as it is: settle it by hand.',
  async run({ details }, { db }) {
    await leaveUnended(db, refusedEnd.parse(details).invoice);
    return answered('the subscription stays as it is');
  },
};
