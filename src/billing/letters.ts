import type { Letter } from '../messages/letter.ts';
import { accessGranted } from './letters/access-granted.ts';
import { invoiceIssued } from './letters/invoice-issued.ts';
import { paymentFailed } from './letters/payment-failed.ts';
import { receipt } from './letters/receipt.ts';
import { recoveryEnded } from './letters/recovery-ended.ts';
import { recoveryFailed } from './letters/recovery-failed.ts';
import { recoveryReminder } from './letters/recovery-reminder.ts';
import { recoveryWarning } from './letters/recovery-warning.ts';
import { reviewDigest } from './letters/review-digest.ts';
import { reviewNotice } from './letters/review-notice.ts';

/** THE LIST of the letters that we send. One that leaves it stays until no row of its kind waits any more. */
export const letters: readonly Letter[] = [
  invoiceIssued,
  receipt,
  paymentFailed,
  accessGranted,
  recoveryFailed,
  recoveryReminder,
  recoveryWarning,
  recoveryEnded,
  reviewNotice,
  reviewDigest,
];
