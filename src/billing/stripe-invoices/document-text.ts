import type Stripe from 'stripe';
import { cut, printable, printableLine } from '../../platform/text.ts';
import type { InvoiceLine } from '../payments/document.ts';

/**
 * Texts as they go onto a document at Stripe, pure: without what can't be shown, and cut where Stripe would refuse the whole
 * document for their length. What was said stays whole with the payment, in its events and in our rows.
 */

/** How many characters Stripe takes. Sources: its API reference, and for names and descriptions of lines its refusals. */
const MOST = {
  name: 256,
  businessName: 150,
  addressPart: 5_000,
  line: 500,
  memo: 1_500,
  customFieldName: 40,
  customFieldValue: 140,
} as const;

/** More than these Stripe does not print on an invoice. */
const MOST_CUSTOM_FIELDS = 4;

export type TextField = keyof typeof MOST;

/** @returns undefined when nothing is left to be shown */
export function documentText(text: string | null | undefined, field: TextField): string | undefined {
  const many = field === 'line' || field === 'memo';
  const shown = many ? printable(text ?? '').trim() : printableLine(text ?? '');
  return shown === '' ? undefined : cut(shown, MOST[field]);
}

export function documentLines(lines: readonly InvoiceLine[]): InvoiceLine[] {
  return lines.map((line) => ({ ...line, description: documentText(line.description, 'line') ?? 'Item' }));
}

export type DocumentHead = Pick<Stripe.InvoiceCreateParams, 'effective_at' | 'description'> & {
  readonly custom_fields?: readonly CustomField[];
};
type CustomField = Stripe.InvoiceCreateParams.CustomField;

/** @param byDefault custom fields that the customer's invoices carry anyhow: ours would replace them, so they come after ours */
export function documentHead(
  { description, custom_fields: ours = [], ...head }: DocumentHead,
  byDefault: readonly CustomField[] | null | undefined,
): Partial<Stripe.InvoiceCreateParams> {
  const memo = documentText(description, 'memo');
  const fields = ours.length === 0 ? [] : [...ours, ...(byDefault ?? [])].flatMap(shownField);
  return {
    ...head,
    ...(memo ? { description: memo } : {}),
    ...(fields.length > 0 ? { custom_fields: fields.slice(0, MOST_CUSTOM_FIELDS) } : {}),
  };
}

function shownField({ name, value }: CustomField): CustomField[] {
  const [title, text] = [documentText(name, 'customFieldName'), documentText(value, 'customFieldValue')];
  return title && text ? [{ name: title, value: text }] : [];
}
