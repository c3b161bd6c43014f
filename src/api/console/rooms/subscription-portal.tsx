import type { VNode } from 'preact';
import { z } from 'zod';
import { openPortalFor } from '../../../billing/managing/open-portal-for.ts';
import type { SubscriptionStatus } from '../../../billing/subscriptions/subscription.ts';
import { form } from '../frame/form.ts';
import { reason } from '../frame/typed.ts';
import { ReasonForm } from '../parts/reason-form.tsx';

/** The address of the customer's page at Stripe, for handing on: shown once, and never part of an address of ours. */
export interface WithPortal {
  readonly portal?: string | undefined;
}

export const portalForm = form<{ reason: string }, never, WithPortal>({
  path: '/portal',
  fields: z.object({ reason }),
  says: {},
  async send({ reason: why }, { id, actor }, { billing }) {
    const { url } = await openPortalFor(id, undefined, { actor, reason: why }, billing);
    return { status: 200, changed: { portal: url } };
  },
});

export function AskForPortal({ status }: { readonly status: SubscriptionStatus }): VNode | null {
  if (status === 'canceled' || status === 'incomplete_expired') return null;
  return (
    <ReasonForm
      summary="Page for the customer…"
      form={portalForm}
      effect="Stripe makes an address of its page on which the customer changes his card or his plan, or cancels. Whoever has the address can do that: hand it on to him alone. It ends soon."
      button="Make the address"
    />
  );
}

export function Portal({ portal }: WithPortal): VNode | null {
  if (portal === undefined) return null;
  return (
    <div class="link">
      <label>
        Page for the customer, for him alone; it ends soon
        <input type="text" readonly value={portal} />
      </label>
    </div>
  );
}
