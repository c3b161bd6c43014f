import { expect } from 'vitest';
import { z } from 'zod';
import { until } from '../../support/eventually.ts';
import type { Records } from '../../support/records.ts';
import type { WebhookSink } from '../../support/webhook-sink.ts';

/** What the application was told of access, as it has arrived there: each message once, whatever came twice. */
const body = z.object({
  type: z.string(),
  data: z.looseObject({
    reference: z.string(),
    version: z.number(),
    feature: z.string().optional(),
    features: z.record(z.string(), z.unknown()).optional(),
  }),
});
export type Told = z.output<typeof body>;

/** Waits until everything that is to be told has arrived. @returns it by reference */
export async function toldByNow(records: Records, sink: WebhookSink): Promise<Map<string, Told[]>> {
  const waiting = `select id, state, last_error from messages where kind like 'access.%' and state <> 'sent'`;
  await until(async () => (await records.rows(waiting)).length === 0, { timeout: 60_000, what: 'everything is told' });
  const byMessage = new Map(sink.received.map(({ headers, body: text }) => [headers['webhook-id'], text]));
  const { sent } = await records.row<{ sent: number }>(
    `select count(*)::int as sent from messages where kind like 'access.%'`,
  );
  expect(byMessage.size, 'each message has arrived, and none that was not sent').toBe(sent);
  return Map.groupBy(
    [...byMessage.values()].map((text) => body.parse(JSON.parse(text))),
    ({ data }) => data.reference,
  );
}

/**
 * Each change is told once: the versions count from 1 on without a gap, no two that follow each other say the same, and what
 * was granted and revoked is the difference between them.
 * @returns what was told last
 */
export function expectToldOnce(told: readonly Told[], what: string): { version: number; features: object } {
  const changes = told
    .filter(({ type }) => type === 'access.changed')
    .map(({ data }) => ({ version: data.version, features: data.features ?? {} }))
    .sort((one, other) => one.version - other.version);
  expect(
    changes.map(({ version }) => version),
    `${what}: versions`,
  ).toEqual(changes.map((_, at) => at + 1));
  const others = told
    .flatMap(({ type, data }) => (data.feature === undefined ? [] : [`${type} ${data.version} ${data.feature}`]))
    .sort();
  const differences: string[] = [];
  let before: Record<string, unknown> = {};
  for (const { version, features } of changes) {
    expect(features, `${what}: version ${version} is a change`).not.toEqual(before);
    for (const name of Object.keys(features))
      if (!(name in before)) differences.push(`access.granted ${version} ${name}`);
    for (const name of Object.keys(before))
      if (!(name in features)) differences.push(`access.revoked ${version} ${name}`);
    before = features;
  }
  expect(others, `${what}: granted and revoked`).toEqual(differences.sort());
  return { version: changes.length, features: before };
}
