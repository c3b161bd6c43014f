import { type Business, detailLines } from '../../platform/business.ts';
import type { Row, WordLines, Words } from '../../platform/words.ts';

/** The text part of a mail: paragraphs, amounts under each other, the plain link. */
const WIDTH = 72;

export function letterText({ opening, lines, facts = [], link, closing = [] }: Words, business: Business): string {
  const blocks = [
    ...opening,
    ...(lines ? [textOfLines(lines)] : []),
    ...(facts.length > 0 ? [facts.map(({ name, value }) => `${name}: ${value}`).join('\n')] : []),
    ...(link ? [`${link.text}:\n${link.url}`] : []),
    ...closing,
    // "-- " is how mail programs know a signature.
    ['-- ', business.name, ...detailLines(business)].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function textOfLines({ heading, lines, sums, total }: WordLines): string {
  const rule = '-'.repeat(WIDTH);
  return [aligned(heading), rule, ...lines.map(aligned), rule, ...sums.map(aligned), aligned(total)].join('\n');
}

/** The value ends at the margin; a name that is too long for that gets lines of its own. */
function aligned({ name, value }: Row): string {
  const last = name.slice(name.lastIndexOf('\n') + 1);
  const space = WIDTH - last.length - value.length;
  return space > 1 ? `${name}${' '.repeat(space)}${value}` : `${name}\n${value.padStart(WIDTH)}`;
}
