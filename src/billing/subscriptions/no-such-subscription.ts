/** Neither here nor at Stripe. */
export class NoSuchSubscription extends Error {
  override readonly name = 'NoSuchSubscription';
  constructor(id: string) {
    super(`There is no subscription ${id}.`);
  }
}
