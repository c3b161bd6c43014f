/** What can be done about a subscription, besides changing what it is over. */
export type Deed =
  | { readonly deed: 'cancel'; readonly when: 'now'; readonly invoiceNow: boolean }
  | { readonly deed: 'cancel'; readonly when: 'period_end' }
  | { readonly deed: 'resume' }
  | {
      readonly deed: 'pause';
      readonly what: 'collection';
      readonly invoices: PausedInvoices;
      /** Null: until somebody ends it. */
      readonly until: Date | null;
    }
  | { readonly deed: 'pause'; readonly what: 'subscription' }
  | { readonly deed: 'unpause' };

/** What becomes of the invoices that Stripe makes while it does not collect them: `pause_collection[behavior]`. */
export const PAUSED_INVOICES = ['void', 'keep_as_draft', 'mark_uncollectible'] as const;
export type PausedInvoices = (typeof PAUSED_INVOICES)[number];

/** One request to Stripe that a deed comes to. */
export type Step =
  | { readonly step: 'cancel_now'; readonly invoiceNow: boolean }
  | { readonly step: 'end_with_period' }
  | { readonly step: 'end_with_longest_period' }
  | { readonly step: 'take_back_end'; readonly field: 'cancel_at' | 'cancel_at_period_end' }
  | { readonly step: 'pause_collection'; readonly invoices: PausedInvoices; readonly until: Date | null }
  | { readonly step: 'collect_again' }
  | { readonly step: 'pause_it' }
  | { readonly step: 'resume_it' };

/** How it stands when a deed is done, or was done before. */
export type Done =
  | { readonly is: 'ended' }
  | { readonly is: 'ends'; readonly at: Date }
  | { readonly is: 'goes_on' }
  | { readonly is: 'waits_for_payment'; readonly invoice: string; readonly url: string | null }
  | { readonly is: 'collection_paused'; readonly until: Date | null }
  | { readonly is: 'paused' };
