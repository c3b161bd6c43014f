import type { Business } from './business.ts';
import type { Locale } from './locale.ts';

/** Mails on their way from who knows what they say, by who knows how they look, to who sends them. */

/** What a letter says, without looks: the text and the HTML of a mail are made from the same words. */
export interface Words {
  readonly subject: string;
  /** In a sentence or two each. */
  readonly opening: readonly string[];
  readonly lines?: WordLines;
  /** Names and values, e.g. of days and references. */
  readonly facts?: readonly Row[];
  readonly link?: { readonly url: string; readonly text: string };
  readonly closing?: readonly string[];
}

export interface Row {
  readonly name: string;
  readonly value: string;
}

export interface WordLines {
  readonly heading: Row;
  readonly lines: readonly Row[];
  readonly sums: readonly Row[];
  readonly total: Row;
}

/** Who writes, and in which language. */
export interface Reader {
  readonly business: Business;
  readonly locale: Locale;
}

/** As it goes out. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
