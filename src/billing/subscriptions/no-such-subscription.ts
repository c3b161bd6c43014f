/** Stripe does not have it. */
export class NoSuchSubscription extends Error {
  override readonly name = 'NoSuchSubscription';
  constructor(id: string) {
    super(`There is no subscription ${id} at Stripe.`);
  }
}
