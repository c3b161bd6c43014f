/**
 * How many bytes of a body are taken where. deploy/nginx/quittance.conf has the same limits, and docs/api.md tells those of
 * `/v1`; a test keeps them together.
 */
const KIB = 1024;

export const BODY_LIMITS = {
  /** `/webhooks/stripe`: Stripe's events are far smaller. */
  webhook: 1024 * KIB,
  /** `/v1`, JSON. */
  api: 100 * KIB,
  /** Forms of the console: what /v1 takes, with each byte of it written as three (`%C3`), and the names of the fields. */
  consoleForm: 400 * KIB,
  /** Forms that anybody may send: signing in, and what a customer ticks. */
  publicForm: 10 * KIB,
} as const;
