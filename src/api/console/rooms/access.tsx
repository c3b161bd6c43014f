import type { VNode } from 'preact';
import { addressIn, Elsewhere, room } from '../frame/room.ts';
import { When } from '../parts/facts.tsx';
import { Table } from '../parts/table.tsx';
import { type AccessStateRow, accessStates } from '../records/access-records.ts';
import { accessOf } from './access-of.tsx';

/** Who may use something, by the reference of the application; latest change first. */
interface Content {
  readonly states: readonly AccessStateRow[];
  readonly search: string;
}

/** Characters: a reference has no more. */
const LONGEST_SEARCH = 200;

export const access = room({
  path: '/access',
  menu: 'Access',
  async read({ query }, { billing: { db } }): Promise<Content | Elsewhere> {
    const search = query('q').slice(0, LONGEST_SEARCH);
    // Somebody who has nothing so far can be given something, too.
    if (search !== '' && query('open') !== '') return new Elsewhere(addressIn(accessOf.path, search));
    return { states: await accessStates(db, search), search };
  },
  page: (content) => ({ title: 'Access', body: <List {...content} /> }),
});

function List({ states, search }: Content): VNode {
  return (
    <>
      <div class="tools">
        <form class="search" method="get" action="/console/access">
          <label>
            <span class="unseen">Reference in the application</span>
            <input
              type="search"
              name="q"
              value={search}
              placeholder="Reference in the application"
              maxlength={LONGEST_SEARCH}
            />
          </label>
          <button type="submit" class="quiet">
            Search
          </button>
          <button type="submit" name="open" value="yes" class="quiet">
            Open
          </button>
        </form>
      </div>
      <Table
        caption="Who may use something, latest change first"
        columns={['Reference', 'Version', 'Last change', 'Changes by itself']}
        numbers={['Version']}
        empty={
          search ? `Nobody is found whose reference begins with “${search}”.` : 'Nobody was given anything so far.'
        }
        rows={states.map(({ reference, version, agreed_at, changes_at }) => ({
          key: reference,
          cells: [
            <a key="link" href={addressIn(accessOf.path, reference)} class="text">
              {reference}
            </a>,
            version,
            <When key="changed" at={agreed_at} />,
            changes_at ? <When key="due" at={changes_at} /> : '–',
          ],
        }))}
      />
    </>
  );
}
