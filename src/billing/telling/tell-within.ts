/**
 * For how many seconds after something has happened somebody is told of it who has not asked. What is found later, by a
 * backfill, is on record all the same.
 */
const DAY = 86_400;

/** A person who is told of it later than this asks what it is about. */
export const TELL_CUSTOMERS_WITHIN = {
  invoice_issued: 7 * DAY,
  receipt: 30 * DAY,
  payment_failed: 3 * DAY,
  access_granted: 7 * DAY,
} as const;

/** Programs keep books: they want to know of what was found late, too. A year, and the time in which it is closed. */
export const TELL_SYSTEMS_WITHIN = 400 * DAY;
