import { randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/**
 * Ids that read like Stripe's and sort by age: prefix, six letters that differ from run to run (a database that
 * outlives the simulator must not meet an id twice), and a counter.
 */
export class Ids {
  readonly #run: string;
  #next = 1;

  constructor(run: string = token(6)) {
    this.#run = run;
  }

  make(prefix: string): string {
    const counter = String(this.#next++).padStart(10, '0');
    return `${prefix}${this.#run}${counter}`;
  }
}

/** A random text of letters and digits, for secrets and fingerprints. */
export function token(length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += ALPHABET[randomInt(ALPHABET.length)];
  return text;
}
