/**
 * How the server treats the next mails: takes them, refuses them for now (451) or for good (550), or leaves the sender
 * waiting. `at` says when: at the greeting, at the recipient, or after the whole mail.
 */
const ANSWERS = ['accept', 'temporary', 'permanent', 'hang'] as const;
const STAGES = ['greeting', 'recipient', 'data'] as const;

export type Stage = (typeof STAGES)[number];

export interface Behaviour {
  readonly answer: (typeof ANSWERS)[number];
  readonly at: Stage;
}

export const taking: Behaviour = { answer: 'accept', at: 'recipient' };

/** @returns undefined when it is none */
export function behaviourOf(given: unknown): Behaviour | undefined {
  if (typeof given !== 'object' || given === null || !('answer' in given)) return undefined;
  const answer = ANSWERS.find((known) => known === given.answer);
  const at = 'at' in given ? STAGES.find((known) => known === given.at) : taking.at;
  return answer && at ? { answer, at } : undefined;
}

export class Refusal extends Error {
  /** Read by the SMTP server. */
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

export const forNow = (): Refusal => new Refusal(451, 'not just now (as asked for)');
export const forGood = (): Refusal => new Refusal(550, 'there is no such mailbox (as asked for)');
