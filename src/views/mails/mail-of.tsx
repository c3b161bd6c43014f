import { render } from 'preact-render-to-string';
import type { MailText, Reader, Words } from '../../platform/words.ts';
import { LetterPage } from './letter-page.tsx';
import { letterText } from './letter-text.ts';
import { printed } from './printed-words.ts';

/** One mail as text and as HTML, made from the same words so that both say the same. */
export function mailOf(written: Words, { business, locale }: Reader): MailText {
  const words = printed(written);
  return {
    subject: words.subject,
    text: letterText(words, business),
    html: `<!doctype html>${render(<LetterPage words={words} business={business} locale={locale} />)}`,
  };
}
