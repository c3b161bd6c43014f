import { describe, expect, test } from 'vitest';
import { adminName } from '../../../src/billing/people/admin-name.ts';
import { checkLogin, saveAdmin } from '../../../src/billing/people/admins.ts';
import { connect } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());

describe('the name of an admin', () => {
  test.each([
    ['ada', 'ada'],
    ['Ada', 'ada'],
    [' ada ', 'ada'],
    ['a.b_c-d@e', 'a.b_c-d@e'],
    ['r&d@example.com', 'r&d@example.com'],
    ['Ada+Shop@Example.com', 'ada+shop@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['', undefined],
    ['ada lovelace', undefined],
    ['r&d', undefined],
    ['.ada', undefined],
    ['ada\0', undefined],
    ['ädа', undefined],
    ['a'.repeat(65), undefined],
    ['a'.repeat(1_000_000), undefined],
  ])('typed as %j is %j', (typed, name) => {
    expect(adminName(typed)).toBe(name);
  });

  test.each(['r&d@example.com', "o'brien?x=1@example.com", 'ada@bücher.example'])(
    'may be %s, with which he signs in however it is typed',
    async (typed) => {
      const name = adminName(typed) ?? '';
      await saveAdmin(db, { name, password: 'correct horse battery', role: 'viewer' }, { actor: 'test' });
      expect(await checkLogin(db, ` ${typed.toUpperCase()}`, 'correct horse battery')).toMatchObject({ name });
    },
  );
});
