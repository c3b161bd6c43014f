import type Stripe from 'stripe';
import type { Deps } from '../../src/billing/deps/deps.ts';

/** A call about an invoice, in the order in which they are made. */
export type InvoiceCall = 'create' | 'addLines' | 'finalizeInvoice' | 'pay' | 'attachPayment';

/** The same use cases, but somebody acts right before this call, each time. If he throws, the call is not made and the try ends there. */
export function actingBefore(call: InvoiceCall, deps: Deps, act: () => Promise<unknown>): Deps {
  return replacing('invoices', call, deps, async (made) => {
    await act();
    return made();
  });
}

/** The same use cases, but what Stripe answers to this creation never arrives. */
export function losingAnswerOf(created: 'customers' | 'invoices', deps: Deps): Deps {
  return replacing(created, 'create', deps, async (made) => {
    await made();
    throw new Error('the answer was lost');
  });
}

/** The same use cases, but Stripe answers this call otherwise than it would. */
export function answering(
  resource: Resource,
  call: string,
  deps: Deps,
  change: (answer: Record<string, unknown>) => object,
): Deps {
  return replacing(resource, call, deps, async (made) => change(Object(await made())));
}

type Resource = 'customers' | 'invoices' | 'paymentIntents' | 'creditNotes';
type Around = (made: () => unknown) => Promise<unknown>;

function replacing(resource: Resource, call: string, deps: Deps, around: Around): Deps {
  const calls = new Proxy(deps.stripe[resource], {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...words: unknown[]): unknown => {
        const made = (): unknown => Reflect.apply(method, target, words);
        return name === call ? around(made) : made();
      };
    },
  });
  const stripe: Stripe = new Proxy(deps.stripe, {
    get: (target, name) => (name === resource ? calls : Reflect.get(target, name)),
  });
  return { ...deps, stripe };
}
