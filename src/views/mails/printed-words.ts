import { printable, printableLine } from '../../platform/text.ts';
import type { Row, Words } from '../../platform/words.ts';

/** Of what people have typed, only what can be shown: the one place for all mails. */
export function printed({ subject, opening, lines, facts, closing, ...words }: Words): Words {
  return {
    ...words,
    subject: printableLine(subject),
    opening: opening.map(printable),
    ...(lines ? { lines: { ...lines, lines: lines.lines.map(printedRow) } } : {}),
    ...(facts ? { facts: facts.map(printedRow) } : {}),
    ...(closing ? { closing: closing.map(printable) } : {}),
  };
}

function printedRow({ name, value }: Row): Row {
  return { name: printable(name), value: printable(value) };
}
