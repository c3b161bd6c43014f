import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { z } from 'zod';
import type { Choice } from '../../../billing/desk/questions.ts';
import { choicesFor, decideReview } from '../../../billing/questions.ts';
import { inWords } from '../../../platform/in-words.ts';
import { cut } from '../../../platform/text.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { line, reason } from '../frame/typed.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { Fact, When } from '../parts/facts.tsx';
import { PlaceContext } from '../parts/place.ts';
import { capital, questionFacts } from '../parts/question-facts.ts';
import { SubjectLink } from '../parts/subject-link.tsx';
import type { AuditRow, ReviewRow } from '../records/records.ts';
import { auditOf, findReview, REVIEW_ID } from '../records/review-records.ts';

/** One question: what was expected, what was found, what can be decided and what then happens. */
interface Content {
  readonly item: ReviewRow;
  readonly choices: readonly Pick<Choice, 'name' | 'effect' | 'asks'>[];
  readonly audit: readonly AuditRow[];
}

/** Characters; no choice has so many. */
const LONGEST_CHOICE = 100;

const decide = form({
  path: '',
  fields: z.object({ choice: line.transform((typed) => cut(typed, LONGEST_CHOICE)), given: line, reason }),
  says: { decided: 'Decided. What was chosen is done.' },
  async send(typed, { id, actor }, { billing }) {
    await decideReview(Number(id), { ...typed, actor }, billing);
    return { done: 'decided' };
  },
});

export const review = room({
  path: '/reviews/:id',
  id: REVIEW_ID,
  forms: [decide],
  async read({ id }, { billing: { db } }): Promise<Content | undefined> {
    const item = await findReview(db, Number(id));
    if (!item) return undefined;
    const audit = await auditOf(db, item.subject);
    return { item, choices: choicesFor(item), audit: audit.filter(({ details }) => details.item === item.id) };
  },
  page: (content, { mayChange }) => ({
    title: capital(inWords(content.item.kind)),
    beside: <span class={`chip ${content.item.state === 'open' ? 'bad' : 'quiet'}`}>{content.item.state}</span>,
    body: (
      <>
        <Question item={content.item} />
        {content.item.state === 'open' && mayChange ? <Decide choices={content.choices} /> : null}
        <AuditTrail audit={content.audit} />
      </>
    ),
  }),
});

function Question({ item }: Pick<Content, 'item'>): VNode {
  return (
    <>
      <p>{item.summary}</p>
      <dl class="record">
        <Fact name="About">
          <SubjectLink id={item.subject} />
        </Fact>
        {questionFacts(item.details).map(({ name, value, mayLead }) => (
          <Fact key={name} name={name}>
            {mayLead ? <SubjectLink id={value} /> : value}
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
    </>
  );
}

function Decide({ choices }: Pick<Content, 'choices'>): VNode {
  const { address, sent } = useContext(PlaceContext);
  return (
    <form method="post" action={address} class="decide">
      <fieldset>
        <legend>What shall happen?</legend>
        {choices.map(({ name, effect, asks }) => (
          <div key={name}>
            <label class="tick">
              <input type="radio" name="choice" value={name} required checked={sent?.text('choice') === name} />
              <span>
                {capital(inWords(name))}
                <span class="hint">{effect}</span>
              </span>
            </label>
            {asks ? (
              <label class="given">
                {asks}
                <input name="given" value={sent?.text('given')} maxlength={500} autocomplete="off" />
              </label>
            ) : null}
          </div>
        ))}
      </fieldset>
      <label>
        Reason
        <input name="reason" value={sent?.text('reason')} required maxlength={500} autocomplete="off" />
        <span class="hint">It is kept with the decision.</span>
      </label>
      <button type="submit">Decide</button>
    </form>
  );
}
