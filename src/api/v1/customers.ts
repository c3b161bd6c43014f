import { asReference } from '../../billing/access/reference.ts';
import { invoicesOfReference, paymentsOfReference } from '../../billing/managing/money-of-reference.ts';
import { viewsOfReference } from '../../billing/managing/subscription-views.ts';
import { type Endpoint, reading } from './endpoint.ts';
import { portionOf, portionQuery } from './list-query.ts';
import { presentInvoiceOfReference, presentPayment, presentSubscription } from './present-subscription.ts';
import { referenceId } from './reference-id.ts';
import { invoicesOfReferenceList, paymentList, subscriptionList } from './subscription-answers.ts';

/** What somebody of the application has subscribed to, was invoiced for and has paid: from what is kept, newest first. */
const NOBODY = 'Whom nothing is known of has none: that is no error.';

export const customers: readonly Endpoint[] = [
  reading({
    path: '/customers/:id/subscriptions',
    name: 'listSubscriptions',
    summary: 'List the subscriptions of somebody',
    description: `Those that have ended among them. ${NOBODY}`,
    scope: 'subscriptions:read',
    id: referenceId,
    query: portionQuery,
    answers: { 200: { description: 'A portion of them.', schema: subscriptionList } },
    problems: ['not_found'],
    handle: async ({ id, query }, { db, policy }) => {
      const { page, hasMore } = await portionOf(query, 'subscription', (asked) =>
        viewsOfReference(db, asReference(id) ?? id, asked),
      );
      return { data: page.rows.map((view) => presentSubscription(view, policy.access)), has_more: hasMore };
    },
  }),
  reading({
    path: '/customers/:id/invoices',
    name: 'listInvoicesOf',
    summary: 'List the invoices of somebody’s subscriptions',
    description: `As Stripe made them. The document of what was bought once stands with its payment. ${NOBODY}`,
    scope: 'subscriptions:read',
    id: referenceId,
    query: portionQuery,
    answers: { 200: { description: 'A portion of them.', schema: invoicesOfReferenceList } },
    problems: ['not_found'],
    handle: async ({ id, query }, { db }) => {
      const { page, hasMore } = await portionOf(query, 'invoice', (asked) =>
        invoicesOfReference(db, asReference(id) ?? id, asked),
      );
      return { data: page.rows.map(presentInvoiceOfReference), has_more: hasMore };
    },
  }),
  reading({
    path: '/customers/:id/payments',
    name: 'listPaymentsOf',
    summary: 'List what somebody has paid',
    description: `For subscriptions and for what he bought; only what has arrived. ${NOBODY}`,
    scope: 'subscriptions:read',
    id: referenceId,
    query: portionQuery,
    answers: { 200: { description: 'A portion of them.', schema: paymentList } },
    problems: ['not_found'],
    handle: async ({ id, query }, { db }) => {
      const { page, hasMore } = await portionOf(query, 'payment', (asked) =>
        paymentsOfReference(db, asReference(id) ?? id, asked),
      );
      return { data: page.rows.map(presentPayment), has_more: hasMore };
    },
  }),
];
