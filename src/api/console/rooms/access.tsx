import type { VNode } from 'preact';
import { addressIn, Elsewhere, room } from '../frame/room.ts';
import { When } from '../parts/facts.tsx';
import { Search, searched } from '../parts/search.tsx';
import { Table } from '../parts/table.tsx';
import { type AccessStateRow, accessStates } from '../records/access-records.ts';
import { accessOf } from './access-of.tsx';

/** Who may use something, by the reference of the application; latest change first. */
interface Content {
  readonly states: readonly AccessStateRow[];
  readonly search: string;
}

export const access = room({
  path: '/access',
  menu: 'Access',
  async read({ query }, { billing: { db } }): Promise<Content | Elsewhere> {
    const search = searched({ query });
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
        <Search action="/console/access" label="Reference in the application" search={search}>
          <button type="submit" name="open" value="yes" class="quiet">
            Open
          </button>
        </Search>
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
