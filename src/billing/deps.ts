import type Stripe from 'stripe';
import type { Db } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';
import type { EligibilityRules } from './invoicing/eligibility-rules.ts';

/** What a use case may reach. Handed down by the process entries; nothing below them makes its own. */
export interface Deps {
  readonly db: Db;
  readonly stripe: Stripe;
  readonly log: Log;
  readonly rules: EligibilityRules;
  readonly settlement: 'out_of_band' | 'attach';
  /** Mode of the configured secret key. */
  readonly livemode: boolean;
}
