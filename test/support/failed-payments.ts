/** A failed payment as the rooms of the console show it, whose every text is the given one. */
export function failedPayments(evil: string, at: Date) {
  const evilCase = {
    id: evil,
    number: evil,
    subscription: evil,
    customer: evil,
    email: evil,
    state: 'open' as const,
    how: null,
    decline_class: evil,
    decline_code: evil,
    amount: 900,
    currency: 'eur',
    first_failed_at: at,
    ended_at: null,
    ends_at: at,
    tries: 2,
    letters: 1,
    stripe_tries_at: at,
    retry_at: at,
    retry_note: evil,
    is_stopped: true,
    is_unsubscribed: true,
  };
  const failure = { code: evil, reason: evil, advice_code: evil, network_advice_code: evil, requires_action: false };
  const recoveryStory = {
    of: {
      ...evilCase,
      opened_at: at,
      recovered: 900,
      at_end: 'cancel' as const,
      at_end_state: 'refused' as const,
      hosted_invoice_url: 'javascript:alert(1)',
    },
    timeline: [
      { what: 'failed' as const, at, ...failure },
      { what: 'opened' as const, at },
      { what: 'retry' as const, at, why: 'operator' as const, state: 'declined' as const, asked_by: evil, said: evil },
      { what: 'letter' as const, at, kind: 'failed' as const, message: evil, message_state: 'sent' as const },
      { what: 'ended' as const, at },
    ],
  };
  const month = {
    month: evil,
    currency: 'eur',
    cases: 2,
    failed: 1_800n,
    byRetry: 0n,
    byCustomer: 900n,
    byOperator: 0n,
    outOfBand: 0n,
    lost: 0n,
    forgiven: 0n,
    open: 900n,
    letters: 3,
  };
  return { evilCase, recoveryStory, month };
}
