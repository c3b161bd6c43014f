import { type Db, rows } from '../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../platform/pages.ts';
import type { EndOfCase } from './recovery-case.ts';

/** The list of cases, newest first, as people look through it. */
export interface CaseFilter {
  readonly state?: 'open' | EndOfCase['state'] | undefined;
  /** A whole id (in_…, sub_…, cus_…), or a part of an e-mail address. */
  readonly search?: string | undefined;
}

export interface ListedCase {
  /** in_… */
  readonly id: string;
  /** As the customer knows the invoice. */
  readonly number: string | null;
  readonly subscription: string;
  readonly customer: string;
  readonly email: string | null;
  readonly state: 'open' | EndOfCase['state'];
  readonly how: EndOfCase['how'] | null;
  readonly decline_class: string;
  readonly decline_code: string | null;
  /** Minor units of currency. */
  readonly amount: number;
  readonly currency: string;
  readonly first_failed_at: Date;
  readonly ended_at: Date | null;
  /** By our own plan. */
  readonly ends_at: Date | null;
  /** Failed ones, whoever made them. */
  readonly tries: number;
  readonly letters: number;
  /** When Stripe tries next. */
  readonly stripe_tries_at: Date | null;
  /** When we look for a try next, and what the last look came to. */
  readonly retry_at: Date | null;
  readonly retry_note: string | null;
  /** A person wants no more letters: about this one, or to this customer at all. */
  readonly is_stopped: boolean;
  readonly is_unsubscribed: boolean;
}

const ORDER: ListOrder = {
  table: 'recovery_cases',
  by: 'opened_at',
  newestFirst: true,
  key: 'invoice',
  ids: /^in_\w{1,200}$/,
};

const SELECT = `SELECT recovery_cases.invoice AS id, i.number, recovery_cases.subscription, recovery_cases.customer, s.email,
    recovery_cases.state, recovery_cases.how, recovery_cases.decline_class, recovery_cases.decline_code, recovery_cases.amount,
    recovery_cases.currency, recovery_cases.first_failed_at, recovery_cases.ended_at, recovery_cases.ends_at,
    (SELECT count(*) FROM subscription_payment_attempts a WHERE a.invoice = i.id) AS tries,
    (SELECT count(*) FROM recovery_letters l WHERE l.invoice = i.id) AS letters,
    i.next_payment_attempt AS stripe_tries_at, recovery_cases.retry_at, recovery_cases.retry_note,
    recovery_cases.stopped_at IS NOT NULL AS is_stopped,
    EXISTS (SELECT FROM recovery_unsubscribed u WHERE u.customer = recovery_cases.customer) AS is_unsubscribed
  FROM recovery_cases JOIN subscription_invoices i ON i.id = recovery_cases.invoice
  JOIN subscriptions s ON s.id = recovery_cases.subscription`;

/** Those of one subscription, newest first. */
export async function casesOf(db: Db, subscription: string): Promise<ListedCase[]> {
  return rows<ListedCase>(
    db,
    `${SELECT} WHERE recovery_cases.subscription = ? ORDER BY recovery_cases.opened_at DESC, recovery_cases.invoice LIMIT 50`,
    [subscription],
  );
}

/** @returns undefined when the case to begin or end at is not there */
export async function pageOfCases(db: Db, filter: CaseFilter, asked: PageAsked): Promise<Page<ListedCase> | undefined> {
  return readPage<ListedCase>(db, ORDER, { select: SELECT, ...conditionsOf(filter) }, asked);
}

function conditionsOf({ state, search }: CaseFilter) {
  const where: string[] = [];
  const bindings: Record<string, string> = {};
  if (state) {
    where.push('recovery_cases.state = :state');
    bindings.state = state;
  }
  if (search) {
    where.push(`(recovery_cases.invoice = :search OR i.number = :search OR recovery_cases.subscription = :search
      OR recovery_cases.customer = :search OR s.email ILIKE :part)`);
    bindings.search = search;
    bindings.part = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  }
  return { where, bindings };
}
