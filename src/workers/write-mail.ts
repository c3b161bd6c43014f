import { letters } from '../billing/letters.ts';
import type { Letter, Source } from '../messages/letter.ts';
import type { RenderMail } from '../messages/send-message.ts';
import type { Business } from '../platform/business.ts';
import { spokenLocale } from '../platform/locale.ts';
import { mailOf } from '../views/mails/mail-of.tsx';

/** Writes mails for the senders, who know neither the letters nor how they look. */
export function mailWriter(business: Business, from: Source): RenderMail {
  const byKind: ReadonlyMap<string, Letter> = new Map(letters.map((letter) => [letter.kind, letter]));
  return async ({ kind, data, locale }) => {
    const letter = byKind.get(kind);
    // Perhaps one of a newer release, whose workers will take one of the tries.
    if (!letter) throw new Error(`There is no letter of kind ${kind}`);
    const to = { business, locale: spokenLocale(locale) };
    const words = await letter.write(data, from, to);
    return 'skipped' in words ? words : mailOf(words, to);
  };
}
