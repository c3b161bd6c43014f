/**
 * What Stripe charges in each currency, one table for everybody who asks. Amounts are in minor units.
 * Source: Stripe documentation, "Supported currencies" (https://docs.stripe.com/currencies): presentment currencies,
 * zero-decimal and three-decimal currencies, special cases, minimum and maximum charge amounts.
 */
export interface Currency {
  /** Digits after the point in Stripe's minor unit, which is not always that of ISO 4217. */
  readonly decimals: 0 | 2 | 3;
  /**
   * What every charge and refund is a multiple of: 10 for three decimals, whose last digit must be 0; 100 for ISK and UGX,
   * which have no fraction but are written with two decimals; 1 for all others.
   */
  readonly step: 1 | 10 | 100;
  /** Where Stripe names no smallest charge, one step: what 50 US cents are worth differs, and Stripe may still refuse it. */
  readonly smallest: number;
  /** What every method of payment takes; for cards alone Stripe allows more. */
  readonly largest: number;
}

const ZERO_DECIMAL = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf';
const THREE_DECIMAL = 'bhd jod kwd omr tnd';
const TWO_DECIMAL = `aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny
  cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd
  kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar
  ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd xcg yer zar
  zmw`;

/** No fraction any more, but two decimals in every amount. */
const WHOLE_HUNDREDS = new Set(['isk', 'ugx']);

const SMALLEST: Readonly<Record<string, number>> = {
  aed: 200,
  ars: 50,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  cop: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  idr: 50,
  ils: 50,
  inr: 50,
  jpy: 50,
  krw: 50,
  mxn: 1_000,
  myr: 200,
  nok: 300,
  nzd: 50,
  php: 50,
  pln: 200,
  ron: 200,
  rub: 50,
  sek: 300,
  sgd: 50,
  thb: 1_000,
  usd: 50,
  zar: 50,
};

const EIGHT_DIGITS = 99_999_999;
const LARGEST: Readonly<Record<string, number>> = {
  cop: 9_999_999_999,
  idr: 999_999_999_999,
  inr: 999_999_999,
};

/** No charge in any currency is larger. */
export const LARGEST_CHARGE = Math.max(EIGHT_DIGITS, ...Object.values(LARGEST));

const CURRENCIES: ReadonlyMap<string, Currency> = new Map([
  ...entries(ZERO_DECIMAL, 0),
  ...entries(TWO_DECIMAL, 2),
  ...entries(THREE_DECIMAL, 3),
]);

function entries(codes: string, decimals: Currency['decimals']): [string, Currency][] {
  return codes.split(/\s+/).map((code) => {
    const step = decimals === 3 ? 10 : WHOLE_HUNDREDS.has(code) ? 100 : 1;
    return [code, { decimals, step, smallest: SMALLEST[code] ?? step, largest: LARGEST[code] ?? EIGHT_DIGITS }];
  });
}

/** @param code in any case; undefined: Stripe has no such currency */
export function currencyOf(code: string): Currency | undefined {
  return CURRENCIES.get(code.toLowerCase());
}
