import type Stripe from 'stripe';

/** What the demo sells by the month, as the policy file names it and as Stripe has it. */
export const plansPolicy = {
  access: {
    plans: {
      basic: { name: 'Studio', prices: ['studio_monthly'], features: ['lessons'] },
      pro: { name: 'Studio with tuition', prices: ['tuition_monthly'], features: ['lessons', 'tuition'] },
    },
  },
};

const prices = [
  { lookup_key: 'studio_monthly', name: 'Studio', unit_amount: 1_500 },
  { lookup_key: 'tuition_monthly', name: 'Studio with tuition', unit_amount: 4_500 },
];

export async function createPlans(stripe: Stripe): Promise<void> {
  for (const { name, ...price } of prices) {
    await stripe.prices.create({
      ...price,
      currency: 'eur',
      recurring: { interval: 'month' },
      product_data: { name },
    });
  }
}
