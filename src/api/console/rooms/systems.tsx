import type { VNode } from 'preact';
import { z } from 'zod';
import { enableEndpoint, removeEndpoint } from '../../../billing/outgoing/manage-endpoints.ts';
import { type Endpoint, listEndpoints } from '../../../messages/endpoints.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { line, reason } from '../frame/typed.ts';
import { When } from '../parts/facts.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { Table } from '../parts/table.tsx';

/** The business's own systems that are told what happens, and whether they still are. */
interface Content {
  readonly endpoints: readonly Endpoint[];
}

const fields = z.object({ url: line, reason });

const enable = form({
  path: '/enable',
  fields,
  says: { enabled: 'It is told what happens from now on. What was skipped meanwhile is among the messages.' },
  async send({ url, reason }, { actor }, { billing: { db } }) {
    await enableEndpoint(db, url, actor, reason);
    return { done: 'enabled' };
  },
});

const remove = form({
  path: '/remove',
  fields,
  says: { removed: 'It is told nothing any more.' },
  async send({ url, reason }, { actor }, { billing: { db } }) {
    await removeEndpoint(db, url, actor, reason);
    return { done: 'removed' };
  },
});

export const systems = room({
  path: '/systems',
  menu: 'Systems',
  forms: [enable, remove],
  async read(_visit, { billing: { db } }): Promise<Content> {
    return { endpoints: await listEndpoints(db) };
  },
  page: ({ endpoints }, { mayChange }) => ({
    title: 'Systems',
    body: (
      <>
        <p class="hint">
          A system is added on the server, where its secret is printed once: npm run quittance -- webhook add URL
        </p>
        <Table
          caption="Systems that are told what happens"
          columns={['Address', 'Told of', 'Since', 'State', ...(mayChange ? ['Change'] : [])]}
          empty="Nobody is told anything: there are no endpoints."
          rows={endpoints.map((endpoint) => ({
            key: endpoint.url,
            cells: [
              <span key="url" class="text">
                {endpoint.url}
              </span>,
              <Types key="types" {...endpoint} />,
              <When key="since" at={endpoint.created_at} />,
              <State key="state" {...endpoint} />,
              ...(mayChange ? [<Changes key="change" {...endpoint} />] : []),
            ],
          }))}
        />
      </>
    ),
  }),
});

function Types({ types }: Pick<Endpoint, 'types'>): VNode {
  if (types.length === 0) return <span>everything</span>;
  return (
    <span>
      {types.map((type, place) => (
        <span key={type} class="nowrap">
          {place === types.length - 1 ? type : `${type}, `}
        </span>
      ))}
    </span>
  );
}

function State({ disabled_at, disabled_reason }: Pick<Endpoint, 'disabled_at' | 'disabled_reason'>): VNode {
  if (!disabled_at) return <span class="chip good">told</span>;
  return (
    <span>
      <span class="chip bad">disabled</span> <When at={disabled_at} />: {disabled_reason}
    </span>
  );
}

function Changes({ url, disabled_at }: Pick<Endpoint, 'url' | 'disabled_at'>): VNode {
  return (
    <div class="actions">
      {disabled_at ? (
        <ReasonForm
          summary="Tell it again…"
          form={enable}
          effect="It is told what happens from now on."
          button="Tell it again"
          hidden={{ url }}
        />
      ) : null}
      <ReasonForm
        summary="Remove…"
        form={remove}
        effect="It is told nothing any more, and what waits for it is skipped. Added again it gets another secret."
        button="Remove it"
        hidden={{ url }}
        danger
      />
    </div>
  );
}
