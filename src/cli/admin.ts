import { text } from 'node:stream/consumers';
import { adminName } from '../billing/people/admin-name.ts';
import { countSessions } from '../billing/people/admin-sessions.ts';
import { disableAdmin, enableAdmin, LastOperator, listAdmins, saveAdmin } from '../billing/people/admins.ts';
import { passwordProblem } from '../billing/people/password-rule.ts';
import { minute, onDatabase, operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

interface EvenTheLast {
  readonly evenTheLast: boolean;
}

export async function createAdmin(
  terminal: Terminal,
  typed: string,
  { role, evenTheLast }: { role: string } & EvenTheLast,
): Promise<void> {
  const { stdin, stderr, say } = terminal;
  const name = adminName(typed);
  if (name === undefined) {
    throw new Error(`NAME ${typed} must be an e-mail address, or hold letters, digits and . _ @ - only.`);
  }
  if (role !== 'operator' && role !== 'viewer') throw new Error(`--role must be operator or viewer, not ${role}.`);
  if (stdin.isTTY) stderr.write('Type the password, then Enter and Ctrl-D: ');
  const password = (await text(stdin)).replace(/\r?\n$/, '');
  const problem = await passwordProblem(password, name);
  if (problem) throw new Error(problem);
  await onDatabase(terminal, async (db) => {
    await sayingHow(() => saveAdmin(db, { name, password, role }, { actor: operator(), evenTheLast }));
    say(`${name} may sign in as ${role}.`);
  });
}

export async function list(terminal: Terminal): Promise<void> {
  await onDatabase(terminal, async (db, timeZone) => {
    const [admins, sessions] = await Promise.all([listAdmins(db), countSessions(db)]);
    if (admins.length === 0) terminal.say('Nobody may sign in: "admin create NAME" makes the first admin.');
    for (const { id, name, role, created_at, signed_in_at, disabled_at } of admins) {
      const open = sessions.get(id) ?? 0;
      const now = open > 0 ? `, now in ${open} ${open === 1 ? 'browser' : 'browsers'}` : '';
      const seen = signed_in_at
        ? `signed in last ${minute(signed_in_at, timeZone)}${now}`
        : 'never signed in since they are noted';
      const disabled = disabled_at ? `  DISABLED ${minute(disabled_at, timeZone)}` : '';
      terminal.say(`${name}  ${role}  made ${minute(created_at, timeZone)}  ${seen}${disabled}`);
    }
  });
}

export async function disable(
  terminal: Terminal,
  typed: string,
  { reason, evenTheLast }: { reason: string } & EvenTheLast,
): Promise<void> {
  const name = adminName(typed) ?? typed;
  await onDatabase(terminal, async (db) => {
    await sayingHow(() => disableAdmin(db, name, { actor: operator(), reason, evenTheLast }));
    terminal.say(`${name} is signed out, and may not sign in any more.`);
  });
}

export async function enable(terminal: Terminal, typed: string, { reason }: { reason: string }): Promise<void> {
  const name = adminName(typed) ?? typed;
  await onDatabase(terminal, async (db) => {
    await enableAdmin(db, name, { actor: operator(), reason });
    terminal.say(`${name} may sign in again, with the password of before.`);
  });
}

async function sayingHow(change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof LastOperator)) throw error;
    throw new Error(`${error.message} Make another one first, or add --even-the-last.`, { cause: error });
  }
}
