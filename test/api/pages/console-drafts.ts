import { type Db, rows } from '../../../src/platform/db.ts';
import type { Visitor } from './site.ts';

/** What the form of a draft sends: three rows, of which two are filled. */
export const typed = {
  customer_name: 'Ada Example',
  customer_email: 'ada@example.com',
  customer_address: 'Main Street 1\r\n10115 Berlin',
  currency: 'EUR',
  due_date: '2027-01-31',
  series: 'SHOP',
  notes: 'Thank you.',
  'lines.0.description': 'Workshop',
  'lines.0.quantity': '2',
  'lines.0.unit_amount': '1.234,50',
  'lines.0.tax_percent': '19 %',
  'lines.1.description': '',
  'lines.1.quantity': '',
  'lines.1.unit_amount': '',
  'lines.1.tax_percent': '',
  'lines.2.description': 'Recording',
  'lines.2.quantity': '',
  'lines.2.unit_amount': '30',
  'lines.2.tax_percent': '8,1',
  'lines.2.optional': 'yes',
  next: 'save',
};

/** Saves what was typed, with these changes. @returns the id of the draft */
export async function draftBy(operator: Visitor, change: Record<string, string> = {}): Promise<string> {
  const { location } = await operator('/console/invoices/new', { form: { ...typed, ...change } });
  return /inv_\w+/.exec(location ?? '')?.[0] ?? `not saved: ${location}`;
}

export async function auditOf(db: Db, subject: string) {
  return rows<{ actor: string; action: string; reason: string | null }>(
    db,
    'SELECT actor, action, reason FROM audit_log WHERE subject = ? ORDER BY id',
    [subject],
  );
}
