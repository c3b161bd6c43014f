/**
 * Currencies and their minor units (https://docs.stripe.com/currencies). Amounts everywhere are in the minor unit that
 * the API uses, which is not always the one of ISO 4217: ISK and UGX are written with two decimals.
 */
const ZERO_DECIMAL = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf';
const THREE_DECIMAL = 'bhd jod kwd omr tnd';
const TWO_DECIMAL =
  'usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd xcg yer zar zmw';

const decimals = new Map<string, number>([
  ...ZERO_DECIMAL.split(' ').map((code) => [code, 0] as const),
  ...THREE_DECIMAL.split(' ').map((code) => [code, 3] as const),
  ...TWO_DECIMAL.split(' ').map((code) => [code, 2] as const),
]);

/** Minimum charge in minor units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const minimums = new Map<string, number>(
  Object.entries({
    usd: 50,
    aed: 200,
    ars: 50,
    aud: 50,
    bgn: 100,
    brl: 50,
    cad: 50,
    chf: 50,
    cop: 50,
    czk: 1500,
    dkk: 250,
    eur: 50,
    gbp: 30,
    hkd: 400,
    huf: 17500,
    idr: 50,
    ils: 50,
    inr: 50,
    jpy: 50,
    krw: 50,
    mxn: 1000,
    myr: 200,
    nok: 300,
    nzd: 50,
    php: 50,
    pln: 200,
    ron: 200,
    rub: 50,
    sek: 300,
    sgd: 50,
    thb: 1000,
    zar: 50,
  }),
);

export const isCurrency = (code: string): boolean => decimals.has(code);

/** Digits after the point in the API's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export const decimalsOf = (code: string): number => decimals.get(code) ?? 2;

/** The smallest amount that may be charged, in minor units. Where Stripe names none, one hundredth is not refused. */
export const minimumCharge = (code: string): number => minimums.get(code) ?? 1;

/**
 * The largest charge: eight digits, but more for three currencies. It is the limit of what every payment method takes; that
 * cards alone may go further is not simulated (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
 */
export function maximumCharge(code: string): number {
  if (code === 'idr') return 999_999_999_999;
  if (code === 'cop') return 9_999_999_999;
  return code === 'inr' ? 999_999_999 : 99_999_999;
}

/**
 * What each amount that is charged or refunded is a multiple of: the last of three decimals must be 0
 * (https://docs.stripe.com/currencies#three-decimal), and ISK and UGX have no fraction (#special-cases).
 */
export function chargeStep(code: string): number {
  if (decimalsOf(code) === 3) return 10;
  return code === 'isk' || code === 'ugx' ? 100 : 1;
}

/** "$10.00", "¥500", "10.000 KWD": for messages and pages. */
export function formatAmount(amount: number, code: string): string {
  const digits = decimalsOf(code);
  const value = amount / 10 ** digits;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: code.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}
