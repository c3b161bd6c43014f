import Stripe from 'stripe';
import { expect } from 'vitest';
import { Conformance } from '../../../simulator/core/conformance.ts';
import type { World } from '../../../simulator/core/world.ts';
import { startSimulator } from '../../../simulator/simulator.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';

/** A simulator in this process with the official client before it. */
export interface Simulated {
  stripe: Stripe;
  world: World;
  url: string;
  /** Types of the events since the last call, oldest first, without `charge.updated`, which comes at a time of its own. */
  newEvents(): string[];
  /** One call of the control API. */
  control(path: string, body: object): Promise<Record<string, unknown>>;
  /** Moves the simulated clock; what becomes due has happened when it returns. */
  advance(seconds: number): void;
}

/**
 * Starts one for the test file. Where STRIPE_CONTRACT_DIR names a description of Stripe's API, every request and response is
 * checked against it, and a violation fails the file.
 */
export async function simulated(): Promise<Simulated> {
  const conformance = Conformance.fromEnvironment(() => undefined);
  const simulator = await startSimulator({ keys: ['sk_test_simulated'], conformance });
  const { world, url } = simulator;
  releaseAfterFile(async () => {
    await simulator.close();
    expect(conformance?.violations ?? [], 'violations of the contract').toEqual([]);
  });
  const { hostname, port } = new URL(url);
  const stripe = new Stripe('sk_test_simulated', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 });
  let seen = 0;
  return {
    stripe,
    world,
    url,
    newEvents() {
      const events = world.firstAccount().store.event.oldestFirst();
      const types = events.slice(seen).map(({ type }) => type);
      seen = events.length;
      return types.filter((type) => type !== 'charge.updated');
    },
    async control(path, body) {
      const response = await fetch(`${url}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
      return response.json();
    },
    advance: (seconds) => void world.firstAccount().clock.advance(seconds),
  };
}

/** What Stripe said no with. */
export async function refusal(promise: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Stripe.errors.StripeError) return error;
  throw new Error(`Stripe was expected to refuse, but: ${String(error)}`);
}

/** A draft of one line, without the customer's discount or pending items. */
export async function draft(
  { stripe }: Simulated,
  params: Partial<Stripe.InvoiceCreateParams> & { customer: string },
  amount = 1000,
): Promise<Stripe.Invoice> {
  const invoice = await stripe.invoices.create({ currency: 'eur', ...params });
  return stripe.invoices.addLines(invoice.id, { lines: [{ description: 'Course', amount }] });
}

/** The same, finalized. */
export async function open(
  simulator: Simulated,
  params: Partial<Stripe.InvoiceCreateParams> & { customer: string },
  amount?: number,
): Promise<Stripe.Invoice> {
  const invoice = await draft(simulator, params, amount);
  return simulator.stripe.invoices.finalizeInvoice(invoice.id);
}
