import { inWords } from '../../../platform/in-words.ts';
import { formatMoney } from '../../../platform/money.ts';
import { cut } from '../../../platform/text.ts';

/** What a question tells, as people read it: pure. */
export interface QuestionFact {
  readonly name: string;
  readonly value: string;
  /** The value may be an id, which leads to where it is shown. */
  readonly mayLead: boolean;
}

type Details = Readonly<Record<string, unknown>>;

/** Names of amounts in minor units. What a check of a payment compared is one when it is a number. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'amount',
  'amount_paid',
  'amount_remaining',
  'ending_balance',
  'expected',
  'found',
  'starting_balance',
  'total',
  'uncovered',
]);
const CURRENCIES: ReadonlySet<string> = new Set(['currency', 'found_currency']);
/** Characters: what Stripe's objects and other people's errors bring along may be long. */
const LONGEST_SHOWN = 2_000;

/** Currencies stand with their amounts; what there is nothing of is left out. */
export function questionFacts(details: Details): QuestionFact[] {
  const amounts = Object.keys(details).filter((name) => amountIn(details, name) !== undefined);
  return Object.entries(details)
    .toSorted(byPlace)
    .flatMap(([name, value]) => {
      if (value === null || (amounts.length > 0 && CURRENCIES.has(name))) return [];
      const amount = amountIn(details, name) ?? nestedAmount(value);
      return [{ name: capital(inWords(name)), value: amount ?? textOf(value), mayLead: typeof value === 'string' }];
    });
}

/** Postgres keeps them by the length of their names. */
const FIRST = ['invoice', 'payment_intent', 'check', 'expected', 'found'];

function byPlace([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  const place = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return place(one) - place(other);
}

function amountIn(details: Details, name: string): string | undefined {
  const amount = AMOUNTS.has(name) ? details[name] : undefined;
  const currency = currencyOf(details, name);
  return typeof amount === 'number' && Number.isSafeInteger(amount) && currency
    ? formatMoney({ amount, currency })
    : undefined;
}

/** Where two currencies were compared, the amount is in the one that was found. */
function currencyOf({ currency, found_currency, found }: Details, name: string): string | undefined {
  const said = [name === 'found' ? found_currency : undefined, currency, found];
  return said.find((each): each is string => typeof each === 'string' && /^[a-z]{3}$/.test(each));
}

/** `{ total: 1000, currency: 'eur' }` */
function nestedAmount(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? amountIn({ ...value }, 'total') : undefined;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? String(value) : cut(JSON.stringify(value), LONGEST_SHOWN);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
