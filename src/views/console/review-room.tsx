import type { VNode } from 'preact';
import type { Choice } from '../../billing/desk/questions.ts';
import { inWords } from '../../platform/in-words.ts';
import { formatMoney } from '../../platform/money.ts';
import { cut } from '../../platform/text.ts';
import { AuditTrail } from './audit-trail.tsx';
import { ConsolePage, mayChange, type Visit } from './console-page.tsx';
import { Fact, When } from './parts.tsx';
import type { AuditRow, ReviewRow } from './records.ts';
import { SubjectLink } from './subject-link.tsx';

/** One question: what was expected, what was found, what can be decided and what then happens. */
export interface ReviewRoomProps {
  readonly visit: Visit;
  readonly item: ReviewRow;
  readonly choices: readonly Pick<Choice, 'name' | 'effect'>[];
  readonly audit: readonly AuditRow[];
  /** What was typed when the decision did not work. */
  readonly typed?: { readonly choice: string; readonly reason: string };
}

export function ReviewRoom({ visit, item, choices, audit, typed }: ReviewRoomProps): VNode {
  return (
    <ConsolePage
      visit={visit}
      room="reviews"
      title={capital(inWords(item.kind))}
      beside={<span class={`chip ${item.state === 'open' ? 'bad' : 'quiet'}`}>{item.state}</span>}
    >
      <p>{item.summary}</p>
      <dl class="record">
        <Fact name="About">
          <SubjectLink id={item.subject} />
        </Fact>
        {Object.entries(item.details).map(([name, value]) => (
          <Fact key={name} name={capital(inWords(name))}>
            {amountIn(item.details, name) ?? shown(value)}
          </Fact>
        ))}
        <Fact name="Asked">
          <When at={item.opened_at} />
        </Fact>
        <Fact name="Closed">
          {item.closed_at ? (
            <>
              <When at={item.closed_at} /> by {item.closed_by}
            </>
          ) : null}
        </Fact>
        <Fact name="Decision">{item.decision ? inWords(item.decision) : null}</Fact>
        <Fact name="Reason">{item.reason}</Fact>
      </dl>
      {item.state === 'open' && mayChange(visit) ? <Decide item={item} choices={choices} typed={typed} /> : null}
      <AuditTrail audit={audit} />
    </ConsolePage>
  );
}

interface DecideProps extends Pick<ReviewRoomProps, 'item' | 'choices'> {
  readonly typed: ReviewRoomProps['typed'];
}

function Decide({ item, choices, typed }: DecideProps): VNode {
  return (
    <form method="post" action={`/console/reviews/${item.id}`} class="decide">
      <fieldset>
        <legend>What shall happen?</legend>
        {choices.map(({ name, effect }) => (
          <label key={name} class="tick">
            <input type="radio" name="choice" value={name} required checked={typed?.choice === name} />
            <span>
              {capital(inWords(name))}
              <span class="hint">{effect}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label>
        Reason
        <input name="reason" value={typed?.reason} required maxlength={500} autocomplete="off" />
        <span class="hint">It is kept with the decision.</span>
      </label>
      <button type="submit">Decide</button>
    </form>
  );
}

/** What was expected and what was found are amounts when a currency stands beside them. */
function amountIn(details: ReviewRow['details'], name: string): string | undefined {
  const { [name]: amount, currency } = details;
  if (!['amount', 'expected', 'found'].includes(name) || typeof amount !== 'number') return undefined;
  return typeof currency === 'string' ? formatMoney({ amount, currency }) : undefined;
}

/** Characters: what Stripe's objects and other people's errors bring along may be long. */
const LONGEST_SHOWN = 2_000;

/** Ids become links; what is no text is shown as JSON. */
function shown(value: unknown): VNode | string {
  if (typeof value === 'string') return <SubjectLink id={value} />;
  return typeof value === 'number' ? String(value) : cut(JSON.stringify(value), LONGEST_SHOWN);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
