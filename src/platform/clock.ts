/**
 * What time it is, for business days and due dates; whoever tests them moves it. Leases, claims and what is due in a table
 * know only the clock of Postgres.
 */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** Stripe's timestamps are whole seconds since 1970, UTC. */
export function fromUnix(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function toUnix(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** @param seconds may be negative */
export function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}
