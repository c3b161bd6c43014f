import type Stripe from 'stripe';
import type { Deps } from '../../src/billing/deps.ts';

/** A call about an invoice, in the order in which they are made. */
export type InvoiceCall = 'create' | 'addLines' | 'finalizeInvoice' | 'pay' | 'attachPayment';

/** The same use cases, but somebody acts right before this call, each time. If he throws, the call is not made and the try ends there. */
export function actingBefore(call: InvoiceCall, deps: Deps, act: () => Promise<unknown>): Deps {
  const invoices = inFrontOf(deps.stripe.invoices, call, act);
  const stripe: Stripe = new Proxy(deps.stripe, {
    get: (target, name) => (name === 'invoices' ? invoices : Reflect.get(target, name)),
  });
  return { ...deps, stripe };
}

function inFrontOf<T extends object>(owner: T, call: string, act: () => Promise<unknown>): T {
  return new Proxy(owner, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      const made = (...words: unknown[]): unknown => Reflect.apply(method, target, words);
      if (name !== call) return made;
      return async (...words: unknown[]): Promise<unknown> => {
        await act();
        return made(...words);
      };
    },
  });
}
