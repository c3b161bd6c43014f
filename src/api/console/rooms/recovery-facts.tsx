import type { ComponentChildren, VNode } from 'preact';
import { classInWords, nextSteps } from '../../../billing/recovery/case-words.ts';
import { classifyDecline } from '../../../billing/recovery/decline.ts';
import type { LetterPlan } from '../../../billing/recovery/next-letter.ts';
import type { Happened, RecoveryTrace } from '../../../billing/recovery/recovery-trace.ts';
import { inWords } from '../../../platform/in-words.ts';
import { formatMoney } from '../../../platform/money.ts';
import { Fact, When } from '../parts/facts.tsx';
import { MessageChip } from '../parts/message-chip.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';

/** What a case is, what comes next, and what has happened. */
interface Told {
  readonly trace: RecoveryTrace;
}

interface FactsProps extends Told {
  readonly letter: LetterPlan | undefined;
  readonly now: Date;
}

export function CaseFacts({ trace: { of }, letter, now }: FactsProps): VNode {
  const { amount, recovered, currency, email, customer, hosted_invoice_url: url } = of;
  return (
    <dl class="record">
      <Fact name="Amount">{formatMoney({ amount, currency })}</Fact>
      <Fact name="Recovered">{recovered > 0 ? formatMoney({ amount: recovered, currency }) : null}</Fact>
      <Fact name="Why">
        {classInWords(of.decline_class)}
        {of.decline_code ? <span class="hint"> (Stripe says {inWords(of.decline_code)})</span> : null}
      </Fact>
      <Fact name="Customer">
        <code>{customer}</code>
        {email ? <span class="text"> {email}</span> : <span class="hint"> without an e-mail address at Stripe</span>}
        {of.is_unsubscribed ? <span class="hint">, unsubscribed from letters</span> : null}
      </Fact>
      <Fact name="Subscription">
        <SubjectLink id={of.subscription} />
      </Fact>
      <Fact name="First failure">
        <When at={of.first_failed_at} />
      </Fact>
      <Fact name="Next">{of.state === 'open' ? <Steps of={of} now={now} /> : null}</Fact>
      <Fact name="Own tries">{of.state === 'open' ? of.retry_note : null}</Fact>
      <Fact name="Next letter">{of.state === 'recovered' ? null : letterInWords(letter)}</Fact>
      <Fact name="Ended">{of.ended_at ? <When at={of.ended_at} /> : null}</Fact>
      <Fact name="The subscription then">{atEndInWords(of)}</Fact>
      <Fact name="Invoice">
        {url?.startsWith('https://') ? (
          <a href={url} target="_blank" rel="noopener noreferrer">
            Stripe’s page of it
          </a>
        ) : null}{' '}
        <code>{of.id}</code>
      </Fact>
    </dl>
  );
}

function Steps({ of, now }: { readonly of: RecoveryTrace['of']; readonly now: Date }): VNode {
  return (
    <span>
      {nextSteps(of, now).map(({ says, at }) => (
        <span key={says}>
          {says} {at ? <When at={at} /> : null}
          <br />
        </span>
      ))}
    </span>
  );
}

const LETTERS = {
  failed: 'that it failed',
  reminder: 'a reminder',
  warning: 'the last warning',
  ended: 'that it has ended',
} as const;

function letterInWords(plan: LetterPlan | undefined): ComponentChildren {
  if (!plan) return null;
  if (plan.letter === 'none') return `none: ${plan.reason}`;
  return (
    <>
      {LETTERS[plan.letter]}, <When at={plan.at} />
    </>
  );
}

const AT_END = { cancel: 'canceled', pause: 'paused', nothing: 'left as it is' } as const;

function atEndInWords({ at_end: atEnd, at_end_state: state }: RecoveryTrace['of']): string | null {
  if (!atEnd || !state) return null;
  switch (state) {
    case 'due':
      return `is about to be ${AT_END[atEnd]}`;
    case 'done':
      return AT_END[atEnd];
    case 'not_needed':
      return 'left as it is: nothing was owed any more, or a person wanted it so';
    case 'refused':
      return `should be ${AT_END[atEnd]}, which Stripe refuses: see the question about it`;
  }
}

export function Timeline({ trace: { timeline } }: Told): VNode {
  return (
    <section>
      <h2>What happened</h2>
      <Table
        caption="What happened, oldest first"
        columns={['Time', 'What', 'More']}
        empty="Nothing."
        rows={timeline.map((each, position) => ({
          key: String(position),
          cells: [<When key="at" at={each.at} />, whatOf(each), moreOf(each)],
        }))}
      />
    </section>
  );
}

const RETRIES = { step: 'we tried again', new_card: 'we tried a new card', operator: 'an operator tried it' } as const;

function whatOf(each: Happened): string {
  switch (each.what) {
    case 'opened':
      return 'found here';
    case 'ended':
      return 'the case ended';
    case 'failed':
      return each.requires_action ? 'the bank wants the customer' : 'the payment failed';
    case 'retry':
      return RETRIES[each.why];
    case 'letter':
      return `the customer was written ${LETTERS[each.kind]}`;
  }
}

function moreOf(each: Happened): ComponentChildren {
  switch (each.what) {
    case 'opened':
    case 'ended':
      return '–';
    case 'failed':
      return `${classInWords(classifyDecline(each).class)}${wordsOf(each)}`;
    case 'retry':
      return `${each.said ?? 'it is being made'}${each.asked_by ? `, by ${each.asked_by}` : ''}`;
    case 'letter':
      return each.message && each.message_state ? (
        <a href={`/console/messages/${each.message}`}>
          <MessageChip state={each.message_state} />
        </a>
      ) : (
        'the message is not kept any more'
      );
  }
}

function wordsOf({ code, reason, advice_code, network_advice_code }: Extract<Happened, { what: 'failed' }>): string {
  const words = [...new Set([code, reason, advice_code])].flatMap((word) => (word ? inWords(word) : []));
  const network = network_advice_code ? [`network advice ${network_advice_code}`] : [];
  const said = [...words, ...network].join(', ');
  return said ? ` (${said})` : '';
}
