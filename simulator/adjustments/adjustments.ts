import type { Resource } from '../core/routes.ts';
import { disputeReactions } from './aftermath.ts';
import { disputes } from './disputes.ts';
import { refunds } from './refunds.ts';

/** What takes money back after a payment, and the documents about it. */
export const adjustments: readonly Resource[] = [refunds, { ...disputes, reactions: disputeReactions }];
