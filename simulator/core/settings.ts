/** How the simulated Stripe behaves; the command line sets these, `/_sim/settings` shows them. */
export interface Settings {
  /** Version of objects and events when neither the request nor the endpoint names one. */
  apiVersion: string;
  /** Token buckets: requests per second over all, and per endpoint. Off when undefined. */
  limits: { perSecond: number; perEndpoint: number } | undefined;
  /** Two writes on one object at the same time: the second gets 429 lock_timeout. Needs latency to happen. */
  locks: boolean;
  /** Milliseconds until a charge gets its balance transaction (`charge.updated`). */
  balanceDelayMs: number;
  /** Milliseconds of simulated time until a bank debit is paid or refused. */
  settleDelayMs: number;
  /** Milliseconds until a paid session with `invoice_creation` has its invoice. */
  invoiceCreationDelayMs: number;
  /** Days from a failed attempt to collect an invoice to the next one; then Stripe gives up. Smart Retries are not simulated. */
  retryDays: readonly number[];
  /** Days before a renewal on which `invoice.upcoming` is told; 0 for never. */
  upcomingDays: number;
  /** What becomes of a subscription whose invoice could not be collected by then. */
  afterRetries: 'cancel' | 'unpaid' | 'past_due';
  /** First pause before a failed webhook is sent again; doubles with every attempt. */
  webhookRetryBaseMs: number;
  /** Attempts per delivery, the first one included. */
  webhookAttempts: number;
  webhookTimeoutMs: number;
  /** Deliveries under way at the same time. */
  webhookConcurrency: number;
  /** Events kept per account; the oldest go first. */
  maxEvents: number;
  /** Entries of the request log. */
  maxLog: number;
}

export const defaultSettings: Settings = {
  apiVersion: '2026-10-28.endive',
  limits: undefined,
  locks: true,
  balanceDelayMs: 150,
  settleDelayMs: 3 * 86_400_000,
  invoiceCreationDelayMs: 300,
  retryDays: [3, 5, 7],
  upcomingDays: 7,
  afterRetries: 'cancel',
  webhookRetryBaseMs: 1000,
  webhookAttempts: 16,
  webhookTimeoutMs: 10_000,
  webhookConcurrency: 16,
  maxEvents: 50_000,
  maxLog: 20_000,
};
