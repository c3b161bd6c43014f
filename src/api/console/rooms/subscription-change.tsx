import type { VNode } from 'preact';
import { z } from 'zod';
import { confirmChange } from '../../../billing/changes/confirm-change.ts';
import type { Preview } from '../../../billing/changes/preview.ts';
import { previewChange } from '../../../billing/changes/preview-change.ts';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import { plansInWords } from '../../../billing/subscriptions/item-words.ts';
import type { Subscription } from '../../../billing/subscriptions/subscription.ts';
import { SUBSCRIPTION_ID } from '../../../billing/subscriptions/subscription-list.ts';
import { findSubscription } from '../../../billing/subscriptions/subscriptions.ts';
import { form } from '../frame/form.ts';
import { addressIn, landing, room } from '../frame/room.ts';
import { line, reason } from '../frame/typed.ts';
import { subscription as subscriptionRoom } from './subscription.tsx';
import { ChangeFields, Seen } from './subscription-change-parts.tsx';
import { changeFields, NOTHING_TYPED, type TypedChange, wantedIn } from './typed-change.ts';

/** A subscription is changed: first what it comes to, then what was shown. */
interface Content {
  readonly subscription: Pick<Subscription, 'id' | 'items'>;
  readonly policy: AccessPolicy;
  readonly typed: TypedChange;
  /** Once it was asked for. */
  readonly seen: Preview | undefined;
}

const preview = form({
  path: '',
  fields: z.object(changeFields),
  says: {},
  keeps: (typed): Partial<Content> => ({ typed }),
  async send(typed, { id }, { billing }) {
    const changed: Partial<Content> = { seen: await previewChange(id, wantedIn(typed), billing) };
    return { status: 200, changed };
  },
});

const amount = line
  .refine((text) => /^-?\d{1,12}$/.test(text), 'This page does not say what it has shown: open it anew.')
  .transform(Number);
const date = line
  .refine((text) => /^\d{0,12}$/.test(text), 'This page does not say what it has shown: open it anew.')
  .transform((text) => (text === '' ? null : Number(text)));

const confirm = form({
  path: '/confirm',
  fields: z.object({ ...changeFields, due: amount, total: amount, date, reason }),
  says: {},
  keeps: ({ due: _, total: __, date: ___, reason: ____, ...typed }): Partial<Content> => ({ typed }),
  async send({ due, total, date: prorationDate, reason: why, ...typed }, { id, actor }, { billing }) {
    const confirmed = { ...wantedIn(typed), expected: { dueNow: due, total }, prorationDate };
    const end = await confirmChange(id, confirmed, { actor, reason: why }, billing);
    if (end.end === 'made') return landing(subscriptionRoom, id, end.change.outcome ?? 'applied');
    const problem = 'What it comes to has changed since it was shown. Nothing was changed: this is how it stands now.';
    const changed: Partial<Content> = { seen: end.preview };
    return { status: 409, problem, changed };
  },
});

export const subscriptionChange = room({
  path: '/subscriptions/:id/change',
  id: SUBSCRIPTION_ID,
  onlyOperators: 'A viewer can look at subscriptions, but not change any.',
  forms: [preview, confirm],
  async read({ id }, { billing: { db, policy } }): Promise<Content | undefined> {
    const found = await findSubscription(db, id);
    return found && { subscription: found, policy: policy.access, typed: NOTHING_TYPED, seen: undefined };
  },
  page: ({ subscription, policy, typed, seen }, { address, mayChange }) => ({
    title: `Change ${plansInWords(subscription.items, policy)}`,
    body: (
      <>
        <Back id={subscription.id} />
        {mayChange ? <ChangeFields action={address} items={subscription.items} policy={policy} typed={typed} /> : null}
        {mayChange && seen ? <Seen action={`${address}${confirm.path}`} seen={seen} typed={typed} /> : null}
      </>
    ),
  }),
});

function Back({ id }: { readonly id: string }): VNode {
  return (
    <p>
      <a href={addressIn(subscriptionRoom.path, id)}>Back to the subscription</a>
    </p>
  );
}
