import { allGrants } from '../billing/access/grants.ts';
import { endAccess, grantByHand } from '../billing/access/manage-access.ts';
import { readAccess } from '../billing/access/read-access.ts';
import { FEATURE } from '../billing/policy/access.ts';
import { endOfDay } from '../platform/business-day.ts';
import { minute, onDatabase, operator, withDeps } from './on-database.ts';
import { referenceOf } from './reference.ts';
import type { Terminal } from './terminal.ts';

/** Who may use what, from a shell. */
export async function show(terminal: Terminal, given: string, { json }: { json: boolean }): Promise<void> {
  const reference = referenceOf(given);
  await onDatabase(terminal, async (db, timeZone) => {
    const [access] = await readAccess(db, [reference]);
    const grants = await allGrants(db, reference);
    if (json) {
      const { version = 0, asOf, features = {} } = access ?? {};
      terminal.say(JSON.stringify({ reference, version, as_of: asOf, features, grants }, null, 2));
      return;
    }
    const features = Object.entries(access?.features ?? {});
    terminal.say(
      `${reference}  version ${access?.version ?? 0}  ${features.length === 0 ? 'may use nothing' : 'may use'}`,
    );
    for (const [name, { until, value, cause }] of features) {
      const end = until === null ? 'without an end' : `until ${minute(new Date(until), timeZone)}`;
      terminal.say(`  ${name}${value === null ? '' : ` (${value})`}  ${end}  from ${cause}`);
    }
    for (const { feature, cause, ended_at: ended, ended_because: why } of grants) {
      if (ended) terminal.say(`  ${feature}  ended ${minute(ended, timeZone)}: ${why}  from ${cause}`);
    }
  });
}

export async function grant(
  terminal: Terminal,
  given: string,
  feature: string,
  { until, reason }: { until?: string; reason: string },
): Promise<void> {
  const reference = referenceOf(given);
  if (!FEATURE.test(feature)) {
    throw new Error(`FEATURE must be lower-case letters, digits and . _ : - only, e.g. course-a, not ${feature}.`);
  }
  await withDeps(terminal, async (deps) => {
    const end = until === undefined ? null : endOfDay(deps.timeZone, until);
    if (end === undefined) throw new Error(`--until must be a day like 2027-12-31, not ${until}.`);
    const cause = await grantByHand({ reference, feature, until: end }, { actor: operator(), reason }, deps);
    terminal.say(`${reference} may use ${feature}, from ${cause}.`);
  });
}

export async function end(terminal: Terminal, cause: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) => {
    await endAccess(cause, { actor: operator(), reason }, deps);
    terminal.say(`${cause} gives nothing any more.`);
  });
}
