import type { Resource } from '../core/routes.ts';
import { invoicingControl } from './control-routes.ts';
import { invoicePages } from './hosted-page.ts';
import { invoiceActions } from './invoice-actions.ts';
import { invoiceItems } from './invoice-items.ts';
import { invoiceLines } from './invoice-lines.ts';
import { invoicePayments } from './invoice-payments.ts';
import { invoices } from './invoices.ts';
import { invoicingReactions } from './reactions.ts';

/** Everything about invoices. */
export const invoicing: readonly Resource[] = [
  { ...invoices, reactions: invoicingReactions, pages: invoicePages, controls: invoicingControl },
  invoiceActions,
  invoiceLines,
  invoiceItems,
  invoicePayments,
];
