/** Rows as the rooms of the console show them, besides those that billing has types for. */

export interface AuditRow {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The Stripe invoice that documents a payment. */
export interface StripeDocument {
  readonly step: string;
  readonly stripe_invoice: string | null;
  readonly number: string | null;
  readonly hosted_invoice_url: string | null;
  readonly invoice_pdf: string | null;
}

export interface ReviewRow {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly summary: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly state: 'open' | 'resolved' | 'dismissed';
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
  readonly decision: string | null;
  readonly reason: string | null;
}

export interface OutboxRow {
  readonly id: string;
  readonly channel: 'mail' | 'webhook';
  readonly kind: string;
  /** An address, `operator`, or the URL of a webhook. */
  readonly to: string;
  readonly state: 'pending' | 'sent' | 'dead' | 'skipped';
  readonly attempts: number;
  readonly created_at: Date;
  readonly next_attempt_at: Date;
  readonly sent_at: Date | null;
  readonly last_error: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
