import type Stripe from 'stripe';
import { z } from 'zod';
import { type Buyer, payOnPage } from './checkout-page.ts';
import type { Access } from './own-invoice.ts';
import { until } from './patience.ts';
import { createPlans } from './plans.ts';

/** One subscription, lived through in the time of a test clock: what happened on which day, and what its owner could use. */
export type Moment = {
  /** Since it began, by the test clock. */
  day: number;
  what: string;
  /** At Stripe. */
  status: string;
  features: string[];
};

/** Minor units of `currency`. */
export type Change = { currency: string; previewed: number; charged: number };

export type Life = {
  moments: Moment[];
  upgrade: Change;
  mails: { day: number; subject: string }[];
};

const subscriber: Buyer = { name: 'Lin Example', email: 'lin@example.com', country: 'DE' };
const reference = 'member-7';
const DAY = 86_400;
const HOUR = 3_600;

const accessAnswer = z.object({ features: z.record(z.string(), z.object({ allowed: z.boolean() })) });
const opened = z.object({ session: z.string(), url: z.string() });
const preview = z.object({ currency: z.string(), due_now: z.int(), total: z.int(), proration_date: z.string() });
const caughtMails = z.object({ mails: z.array(z.object({ to: z.string(), subject: z.string() })) });

export type LifeDeps = {
  access: Access;
  stripe: Stripe;
  mailCatcher: string;
  /** No webhook is on its way, no event unfinished, and nothing is due at the time of the clock. */
  rest: () => Promise<void>;
  say: (what: string) => void;
};

export async function live(deps: LifeDeps): Promise<Life> {
  await createPlans(deps.stripe);
  const member = await Member.begin(deps);
  await member.moment('subscribes to Studio');
  await member.until(10, 12);
  const upgrade = await member.upgrade();
  await member.moment('adds tuition, and pays the difference');
  await member.card('pm_card_chargeCustomerFail');
  await member.renewal();
  await member.moment('the renewal is declined: days of grace');
  // The first letter waits for two days, as the bank gave no reason; the next one comes four days after it.
  await member.until(33, 12);
  await member.until(37, 12);
  await member.moment('has been written to twice');
  await member.card('pm_card_visa');
  await member.paid();
  await member.moment('gives another card, which is charged at once');
  await member.cancel();
  await member.moment('cancels at the end of the period');
  await member.renewal();
  await member.moment('the period is over');
  return { moments: member.moments, upgrade, mails: member.mails };
}

class Member {
  readonly moments: Moment[] = [];
  readonly mails: Life['mails'] = [];
  readonly #deps: LifeDeps;
  readonly #clock: string;
  readonly #began: number;
  readonly #customer: string;
  readonly #subscription: string;

  private constructor(deps: LifeDeps, at: { clock: string; began: number; customer: string; subscription: string }) {
    this.#deps = deps;
    this.#clock = at.clock;
    this.#began = at.began;
    this.#customer = at.customer;
    this.#subscription = at.subscription;
  }

  /** A customer on a test clock goes through the checkout that the application opens. */
  static async begin(deps: LifeDeps): Promise<Member> {
    const { stripe } = deps;
    const began = Math.floor(Date.now() / 1000);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: began, name: 'demo' });
    const customer = await stripe.customers.create({ email: subscriber.email, test_clock: clock.id });
    const page = opened.parse(
      await ask(deps.access, 'POST', '/checkouts', {
        reference,
        customer: customer.id,
        plan: 'basic',
        success_url: 'https://app.example/welcome?session={CHECKOUT_SESSION_ID}',
      }),
    );
    await payOnPage(page.url, subscriber);
    const { subscription } = await stripe.checkout.sessions.retrieve(page.session);
    if (typeof subscription !== 'string') throw new Error(`Checkout ${page.session} made no subscription`);
    await deps.rest();
    return new Member(deps, { clock: clock.id, began, customer: customer.id, subscription });
  }

  async #subscribed(): Promise<Stripe.Subscription> {
    return this.#deps.stripe.subscriptions.retrieve(this.#subscription);
  }

  async moment(what: string): Promise<void> {
    const { status } = await this.#subscribed();
    const { features } = accessAnswer.parse(await ask(this.#deps.access, 'GET', `/customers/${reference}/access`));
    const allowed = Object.entries(features).filter(([, { allowed: may }]) => may);
    const moment = { day: await this.#day(), what, status, features: allowed.map(([name]) => name).sort() };
    this.moments.push(moment);
    this.#deps.say(`day ${moment.day}: ${what}`);
  }

  async #day(): Promise<number> {
    const { frozen_time: now } = await this.#deps.stripe.testHelpers.testClocks.retrieve(this.#clock);
    return Math.round((now - this.#began) / DAY);
  }

  /** @param hour UTC, so that the hours in which nobody is written to don't depend on when the demo is run */
  async until(day: number, hour: number): Promise<void> {
    const midnight = Math.floor((this.#began + day * DAY) / DAY) * DAY;
    await this.#advance(midnight + hour * HOUR);
  }

  async #advance(to: number): Promise<void> {
    const clocks = this.#deps.stripe.testHelpers.testClocks;
    await clocks.advance(this.#clock, { frozen_time: to });
    await until('the test clock', async () => (await clocks.retrieve(this.#clock)).status === 'ready');
    await this.#deps.rest();
    await this.#noteMails();
  }

  /** The invoice is a draft for an hour, and is charged then. */
  async renewal(): Promise<void> {
    const { items } = await this.#subscribed();
    const end = Math.max(...items.data.map(({ current_period_end: at }) => at));
    await this.#advance(end + 60);
    await this.#advance(end + 2 * HOUR);
  }

  async upgrade(): Promise<Change> {
    const path = `/subscriptions/${this.#subscription}/changes`;
    const {
      currency,
      due_now: due,
      total,
      proration_date,
    } = preview.parse(await ask(this.#deps.access, 'POST', path, { plan: 'pro', preview: true }));
    const expected = { due_now: due, total };
    await ask(this.#deps.access, 'POST', path, { plan: 'pro', preview: false, proration_date, expected });
    await this.#deps.rest();
    const { latest_invoice: latest } = await this.#subscribed();
    const invoice = await this.#deps.stripe.invoices.retrieve(typeof latest === 'string' ? latest : (latest?.id ?? ''));
    return { currency, previewed: due, charged: invoice.amount_paid };
  }

  /** As on Stripe's page: the card is saved, and becomes the customer's. */
  async card(name: string): Promise<void> {
    const { stripe, rest } = this.#deps;
    const { id } = await stripe.paymentMethods.attach(name, { customer: this.#customer });
    await stripe.customers.update(this.#customer, { invoice_settings: { default_payment_method: id } });
    await stripe.subscriptions.update(this.#subscription, { default_payment_method: id });
    await rest();
  }

  async paid(): Promise<void> {
    await until(
      'the renewal that is tried on the new card',
      async () => (await this.#subscribed()).status === 'active',
    );
    await this.#deps.rest();
  }

  async cancel(): Promise<void> {
    await ask(this.#deps.access, 'POST', `/subscriptions/${this.#subscription}/cancel`, {
      when: 'period_end',
      reason: 'the customer asked for it',
    });
    await this.#deps.rest();
  }

  async #noteMails(): Promise<void> {
    const { mails } = caughtMails.parse(await (await fetch(`${this.#deps.mailCatcher}/mails`)).json());
    const subjects = mails.filter(({ to }) => to.includes(subscriber.email)).map(({ subject }) => subject);
    const day = await this.#day();
    for (const subject of subjects.slice(this.mails.length)) this.mails.push({ day, subject });
  }
}

async function ask({ api, key }: Access, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${api}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} /v1${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
