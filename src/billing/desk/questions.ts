import type { Deps } from '../deps/deps.ts';

/**
 * What a program must not decide. This is the frame, which knows no feature: each of them adds its kinds of questions to
 * `QuestionDetails` with what they tell, and `billing/questions.ts` lists what can be decided about each. A kind that is not
 * in that list does not compile.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the features add to it (`declare module`)
export interface QuestionDetails {}

export type QuestionKind = keyof QuestionDetails;

/** A question of any kind. Details are ids, amounts in minor units and words of Stripe: no personal data. */
export type Question = {
  readonly [Kind in QuestionKind]: {
    readonly kind: Kind;
    /** The id of what it is about, e.g. pi_… */
    readonly subject: string;
    /** One or two sentences for the person who decides. */
    readonly summary: string;
    readonly details: QuestionDetails[Kind];
  };
}[QuestionKind];

export type QuestionOf<Kind extends QuestionKind> = Extract<Question, { readonly kind: Kind }>;

/** What a question that was asked looks like to who decides it: its details may be those of an earlier release. */
export interface AskedQuestion {
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly details: unknown;
}

export interface Answer {
  /** Only an answered question closes: while its cause is still there, the person stays asked. */
  readonly answered: boolean;
  /** What was done, in words. */
  readonly said: string;
}

/** Who decides, and why. */
export interface Decider {
  /** e.g. `admin:demo` */
  readonly actor: string;
  readonly reason: string;
  /** What the choice asks for (`asks`), as it was typed. */
  readonly given?: string | undefined;
}

/** One thing that a person may decide about a question. */
export interface Choice {
  readonly name: string;
  /** For the person who decides: what will happen. */
  readonly effect: string;
  /** What must be typed besides the reason: its name, for the person who decides. */
  readonly asks?: string;
  /** Whether it comes into question at all, by what is known of the question. */
  readonly fits?: (item: AskedQuestion) => boolean;
  /**
   * Done under a claim of this choice, and perhaps more than once: it looks what is done already.
   * @throws what Stripe or another worker said
   */
  readonly run: (item: AskedQuestion, deps: Deps, by: Decider) => Promise<Answer>;
}

/** A question without a choice that ends it would be open for ever. */
export type Choices = readonly [Choice, ...Choice[]];
export type ChoicesByKind = { readonly [Kind in QuestionKind]: Choices };

export function answered(said: string): Answer {
  return { answered: true, said };
}
