import { classInWords, howInWords, nextSteps } from '../billing/recovery/case-words.ts';
import {
  INVOICE_ID,
  resubscribeCustomer,
  resumeLetters,
  stopLetters,
  tryNow,
  unsubscribeCustomer,
} from '../billing/recovery/manage-recovery.ts';
import type { LetterPlan } from '../billing/recovery/next-letter.ts';
import { plannedLetter } from '../billing/recovery/planned-letter.ts';
import { DEFINITION, type MonthOfRecovery, recoveryByMonth } from '../billing/recovery/recovery-figures.ts';
import { type ListedCase, pageOfCases } from '../billing/recovery/recovery-list.ts';
import { type Happened, traceRecovery } from '../billing/recovery/recovery-trace.ts';
import { settingsToConfirm } from '../billing/recovery/stripe-settings.ts';
import { formatMoney } from '../platform/money.ts';
import { minute, operator, withDeps } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** Failed payments from a shell. */
const STATES = ['open', 'recovered', 'ended'] as const;

/** A page of `readPage` is read whole. */
const MOST_LISTED = 1_000;

export async function list(
  terminal: Terminal,
  options: { state: string; search?: string; limit: string; json: boolean },
): Promise<void> {
  const state = STATES.find((known) => known === options.state);
  if (!state && options.state !== 'all') throw new Error(`--state must be one of ${STATES.join(', ')}, all.`);
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LISTED) {
    throw new Error(`--limit must be a whole number from 1 to ${MOST_LISTED}.`);
  }
  await withDeps(terminal, async ({ db, policy, timeZone, clock }) => {
    const page = await pageOfCases(db, { state, search: options.search }, { limit });
    const found = page?.rows ?? [];
    if (options.json) {
      terminal.say(JSON.stringify(found, null, 2));
      return;
    }
    for (const { says, isDue } of await settingsToConfirm(db, policy.recovery)) {
      if (isDue)
        terminal.say(`Please look in the Dashboard of Stripe: ${says} (quittance recovery confirm-stripe-settings)`);
    }
    if (found.length === 0) terminal.say('There are no such failed payments.');
    for (const each of found) terminal.say(lineOf(each, clock(), timeZone));
  });
}

function lineOf(each: ListedCase, now: Date, timeZone: string): string {
  const [next] = nextSteps(each, now);
  return [
    each.id,
    each.number ?? '–',
    each.email ?? each.customer,
    formatMoney(each),
    howInWords(each.how),
    classInWords(each.decline_class),
    `${each.tries} tries`,
    `${each.letters} letters${each.is_stopped || each.is_unsubscribed ? ' (stopped)' : ''}`,
    ...(next ? [`${next.says}${next.at ? ` ${minute(next.at, timeZone)}` : ''}`] : []),
  ].join('  ');
}

export async function show(terminal: Terminal, id: string, { json }: { json: boolean }): Promise<void> {
  const invoice = asInvoice(id);
  await withDeps(terminal, async ({ db, policy, timeZone, clock }) => {
    const trace = await traceRecovery(db, invoice);
    if (!trace) throw new Error(`There is no case of invoice ${invoice}.`);
    const letter = await plannedLetter(db, invoice, { policy: policy.recovery, timeZone });
    if (json) {
      terminal.say(
        JSON.stringify({ ...trace, next_steps: nextSteps(trace.of, clock()), next_letter: letter }, null, 2),
      );
      return;
    }
    const at = (moment: Date) => minute(moment, timeZone);
    terminal.say(lineOf(trace.of, clock(), timeZone));
    for (const step of nextSteps(trace.of, clock()))
      terminal.say(`  Next    ${step.says}${step.at ? ` ${at(step.at)}` : ''}`);
    if (trace.of.retry_note) terminal.say(`  Look    ${trace.of.retry_note}`);
    if (letter) terminal.say(`  Letter  ${letterOf(letter, at)}`);
    for (const each of trace.timeline) terminal.say(`  ${at(each.at)}  ${happened(each)}`);
  });
}

function letterOf(plan: LetterPlan, at: (moment: Date) => string): string {
  return plan.letter === 'none' ? `none: ${plan.reason}` : `${plan.letter} ${at(plan.at)}`;
}

function happened(each: Happened): string {
  switch (each.what) {
    case 'opened':
      return 'found here';
    case 'ended':
      return 'ended';
    case 'failed':
      return `failed  ${[each.code, each.reason, each.advice_code, each.network_advice_code].filter(Boolean).join(', ')}`;
    case 'retry':
      return `tried (${each.why})  ${each.state}  ${each.said ?? ''}`;
    case 'letter':
      return `letter  ${each.kind}  ${each.message_state ?? 'not kept any more'}`;
  }
}

export async function figures(terminal: Terminal, options: { class?: string; json: boolean }): Promise<void> {
  await withDeps(terminal, async ({ db }) => {
    const months = await recoveryByMonth(db, options.class);
    if (options.json) terminal.say(JSON.stringify({ definition: DEFINITION, months: months.map(asJson) }, null, 2));
    else {
      for (const each of months) terminal.say(monthOf(each));
      terminal.say(DEFINITION);
    }
  });
}

/** Minor units. */
function asJson(month: MonthOfRecovery): object {
  return Object.fromEntries(
    Object.entries(month).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}

function monthOf({ month, currency, cases, letters, ...sums }: MonthOfRecovery): string {
  const said = Object.entries(sums).map(([name, amount]) => `${name} ${formatMoney({ amount, currency })}`);
  return [month, `${cases} cases`, ...said, `${letters} letters`].join('  ');
}

export async function attempt(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<number> {
  let code = 0;
  await withDeps(terminal, async (deps) => {
    const end = await tryNow(asInvoice(id), { actor: operator(), reason }, deps);
    if (end.state !== 'paid' && end.state !== 'processing') code = 1;
    terminal.say(`${id}  ${end.state}: ${end.said}`);
  });
  return code;
}

export async function stop(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const isNew = await stopLetters(asInvoice(id), { actor: operator(), reason }, deps);
    terminal.say(`${id}  ${isNew ? 'nothing more is written about it' : 'its letters were stopped before'}`);
  });
}

export async function resume(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const isNew = await resumeLetters(asInvoice(id), { actor: operator(), reason }, deps);
    terminal.say(`${id}  ${isNew ? 'letters are written again when they are due' : 'its letters were not stopped'}`);
  });
}

export async function unsubscribe(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const isNew = await unsubscribeCustomer(id, { actor: operator(), reason }, deps);
    terminal.say(`${id}  ${isNew ? 'is written nothing about failed payments' : 'was unsubscribed before'}`);
  });
}

export async function resubscribe(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const isNew = await resubscribeCustomer(id, { actor: operator(), reason }, deps);
    terminal.say(`${id}  ${isNew ? 'is written to again' : 'was not unsubscribed'}`);
  });
}

function asInvoice(id: string): string {
  if (!INVOICE_ID.test(id)) throw new Error(`${id} is no invoice of Stripe (in_…).`);
  return id;
}
