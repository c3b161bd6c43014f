import type { Resource } from '../core/routes.ts';
import { disputeReactions } from './aftermath.ts';
import { adjustmentsControl } from './control-routes.ts';
import { creditNotes } from './credit-notes.ts';
import { disputes } from './disputes.ts';
import { notePages } from './note-page.ts';
import { refunds } from './refunds.ts';

/** What takes money back after a payment, and the documents about it. */
export const adjustments: readonly Resource[] = [
  { ...creditNotes, pages: notePages },
  refunds,
  { ...disputes, reactions: disputeReactions, controls: adjustmentsControl },
];
