/**
 * What others who sell subscriptions through Stripe have lost money, customers or sleep over, and the tests that keep it from
 * happening here.
 */
export interface Pitfall {
  readonly what: string;
  /** File under test/, and a title in it. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

export type Pitfalls = Readonly<Record<number, Pitfall>>;

export const access = 'billing/access/access-of-subscriptions.test.ts';
export const given = 'billing/access/subscription-access.test.ts';
export const standing = 'billing/subscriptions/standing.test.ts';
export const sync = 'billing/subscriptions/sync-subscription.test.ts';
export const shapes = 'billing/subscriptions/shapes.test.ts';
export const story = 'stories/subscriptions.test.ts';
export const checkouts = 'api/v1/checkouts.test.ts';
export const schedules = 'simulator/subscription-schedules.test.ts';
export const histories = ['stories/subscriptions/histories.test.ts', 'random histories of subscriptions'] as const;
export const simulated = (name: string): string => `simulator/subscriptions/${name}.test.ts`;
