import { createInterface } from 'node:readline/promises';
import { confirmChange } from '../billing/changes/confirm-change.ts';
import { costsInWords, itemInWords, outcomeInWords } from '../billing/changes/in-words.ts';
import type { Preview } from '../billing/changes/preview.ts';
import { previewChange } from '../billing/changes/preview-change.ts';
import { toldChange, toldPreview } from '../billing/changes/told-change.ts';
import type { WantedChange } from '../billing/changes/wanted-change.ts';
import { SUBSCRIPTION_ID } from '../billing/subscriptions/subscription-list.ts';
import { formatMoney } from '../platform/money.ts';
import { operator, withDeps } from './on-database.ts';
import type { Terminal } from './terminal.ts';

export interface ChangeOptions {
  readonly plan?: string;
  readonly price?: string;
  readonly quantity?: string;
  readonly item?: string;
  readonly remove: boolean;
  readonly add: boolean;
  readonly when: string;
  readonly preview: boolean;
  readonly confirm?: string;
  readonly json: boolean;
  readonly reason: string;
}

/** Changes a subscription from a shell: what is due is shown, and must be said once more. @returns the exit code */
export async function change(terminal: Terminal, id: string, options: ChangeOptions): Promise<number> {
  if (!SUBSCRIPTION_ID.test(id)) throw new Error(`${id} is no subscription (sub_…).`);
  const wanted = wantedBy(options);
  let code = 0;
  await withDeps(terminal, async (deps) => {
    const seen = await previewChange(id, wanted, deps);
    if (options.preview && options.json) return terminal.say(JSON.stringify(toldPreview(seen), null, 2));
    if (!options.json) for (const line of story(seen, deps.timeZone)) terminal.say(line);
    if (options.preview) return;
    const due = formatMoney({ amount: seen.dueNow, currency: seen.currency });
    const said = options.confirm ?? (await asked(due, terminal));
    if (!isAmount(said, due)) {
      code = 1;
      const why = said === undefined ? '' : `${due} is due, not ${said}. `;
      return terminal.say(`${why}Nothing was changed. Give --confirm "${due}" to change it.`);
    }
    const confirmed = { ...wanted, expected: seen, prorationDate: seen.prorationDate };
    const end = await confirmChange(id, confirmed, { actor: operator(), reason: options.reason }, deps);
    if (end.end === 'stale') {
      code = 1;
      return terminal.say('What is due has changed meanwhile. Nothing was changed: look at the preview again.');
    }
    terminal.say(options.json ? JSON.stringify(toldChange(end.change), null, 2) : outcomeInWords(end.change));
  });
  return code;
}

function wantedBy({ plan, price, quantity: count, item, remove, add, when: asked }: ChangeOptions): WantedChange {
  const when = (['now', 'period_end'] as const).find((each) => each === asked);
  if (!when) throw new Error('--when must be now or period_end.');
  const quantity = count === undefined ? undefined : Number(count);
  if (quantity !== undefined && (!Number.isSafeInteger(quantity) || quantity < 1)) {
    throw new Error('--quantity must be a whole number from 1 on.');
  }
  if (add && item !== undefined) throw new Error('--add makes a further item: leave out --item.');
  const terms = { plan, price, quantity };
  if (item === undefined && !add && !remove) return { only: terms, when };
  return { items: [{ item, ...terms, ...(remove ? { remove } : {}) }], when };
}

function story(seen: Preview, timeZone: string): string[] {
  return [
    ...seen.items.map((each) => `  ${itemInWords(each)}`),
    ...seen.lines.map(
      ({ description, amount }) => `  ${formatMoney({ amount, currency: seen.currency })}  ${description}`,
    ),
    ...costsInWords(seen, timeZone),
  ];
}

/** `EUR 12.90`, or `12.90` */
function isAmount(said: string | undefined, due: string): boolean {
  const plain = (text: string) =>
    text
      .replace(/^[A-Za-z]{3}\s*/, '')
      .replaceAll(',', '')
      .trim();
  return said !== undefined && plain(said) === plain(due);
}

async function asked(due: string, { stdin, stderr }: Terminal): Promise<string | undefined> {
  if (!stdin.isTTY) return undefined;
  const asking = createInterface({ input: stdin, output: stderr });
  try {
    return (await asking.question(`Type what is due now (${due}) to change it: `)).trim() || undefined;
  } finally {
    asking.close();
  }
}
