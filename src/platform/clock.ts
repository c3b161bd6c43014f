/** Stripe's timestamps are whole seconds since 1970, UTC. */
export function fromUnix(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function toUnix(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
