/**
 * What Stripe charges at least, in minor units. An invoice that comes to less is not charged and can't be marked paid out of
 * band: Stripe settles it at once and moves its amount to the balance of the customer.
 * Source: Stripe documentation, "Minimum and maximum charge amounts".
 */
const SMALLEST: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1_000,
  usd: 50,
};

/** For a currency that Stripe names no amount of: what 50 US cents are worth differs, so nothing is refused. */
export function smallestCharge(currency: string): number {
  return SMALLEST[currency] ?? 0;
}
