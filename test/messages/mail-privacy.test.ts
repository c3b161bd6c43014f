import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryFailure } from '../../src/messages/delivery-failure.ts';
import { addressOf } from '../../src/platform/server-address.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { transportTo } from '../support/outbox.ts';

/** Who hears a mail: nobody on the way, and one recipient. */
const catcher = await startMailCatcher();
const mail = { subject: 'Invoice', text: 'https://billing.example/i/secret', html: '<p>secret</p>' };
/** The same server under an address that is not known for this machine's own: Linux leads 0.0.0.0 to it. */
const elsewhere = (smtp: string, query = '') => `${smtp.replace('127.0.0.1', '0.0.0.0')}/${query}`;

beforeEach(() => catcher.clear());

async function failure(smtp: string, to = 'customer@example.com'): Promise<DeliveryFailure> {
  const error = await transportTo(smtp)
    .send(to, 'id', mail)
    .catch((reason: unknown) => reason);
  if (!(error instanceof DeliveryFailure)) throw new Error(`no failure, but ${String(error)}`);
  return error;
}

describe('a server without TLS', () => {
  test.each([
    ['', 'of another machine'],
    ['?ignoreTLS=true', 'whose URL would rather do without'],
    ['?requireTLS=false', 'whose URL asks for none'],
    ['?opportunisticTLS=true', 'whose URL takes what comes'],
  ])(
    'is told nothing (%s %s), and the error names the setting; it can be put right, so it is temporary',
    async (query) => {
      const failed = await failure(elsewhere(catcher.smtp, query));
      expect(failed).toMatchObject({ kind: 'temporary', message: expect.stringContaining('SMTP_TLS=optional') });
      expect(await catcher.mails()).toEqual([]);
    },
  );

  test('on this machine takes mails, and elsewhere when the setting says so', async () => {
    await transportTo(catcher.smtp).send('customer@example.com', 'one', mail);
    await transportTo(elsewhere(catcher.smtp), 'optional').send('customer@example.com', 'two', mail);
    expect(await catcher.mails()).toHaveLength(2);
  });
});

describe('a server with TLS', () => {
  const sessions: { secure: boolean; user: unknown }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    onAuth: (_credentials, _session, answer) => answer(null, { user: 'shop' }),
    onData(stream, session, answer) {
      sessions.push({ secure: session.secure, user: session.user });
      stream.on('end', () => answer()).resume();
    },
  });
  server.on('error', () => {});
  afterEach(() => void sessions.splice(0));
  releaseAfterFile(() => new Promise((resolve) => server.close(() => resolve())));

  test('is told everything, password included, inside of it', async () => {
    const smtp = await listening();
    await transportTo(elsewhere(smtp, '?tls.rejectUnauthorized=false')).send('customer@example.com', 'id', mail);
    expect(sessions).toEqual([{ secure: true, user: 'shop' }]);
  });

  test('with a certificate that nobody vouches for is told nothing, also when TLS is optional', async () => {
    const smtp = await listening();
    expect(await failure(elsewhere(smtp))).toMatchObject({
      kind: 'temporary',
      message: expect.stringMatching(/certificate/),
    });
    await expect(transportTo(elsewhere(smtp), 'optional').send('customer@example.com', 'id', mail)).rejects.toThrow();
    expect(sessions).toEqual([]);
  });

  async function listening(): Promise<string> {
    if (!server.server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = addressOf(server.server);
    return `smtp://shop:password@127.0.0.1:${port}`;
  }
});

describe('a recipient', () => {
  test.each([
    'a@one.example,b@two.example',
    'a@one.example, b@two.example',
    'a@one.example;b@two.example',
    'a@one.example\r\nBcc: b@two.example',
    'a@one.example\r\nRCPT TO:<b@two.example>',
    'a@one.example\nb@two.example',
    'a@one.example b@two.example',
    'A <a@one.example>',
    '<a@one.example>,<b@two.example>',
    'friends:a@one.example,b@two.example;',
    '"b@two.example,"a@one.example',
    'a(b@two.example)@one.example',
    '',
    ' ',
  ])('%j is none: nobody gets the mail, and it is not tried again', async (to) => {
    expect(await failure(catcher.smtp, to)).toMatchObject({ kind: 'permanent' });
    expect(await catcher.mails()).toEqual([]);
  });

  test.each(['r&d@one.example', 'a/b@one.example', "o'hara+tag@one.example"])(
    '%s gets it, and he alone',
    async (to) => {
      await transportTo(catcher.smtp).send(to, 'id', mail);
      expect(await catcher.mails()).toMatchObject([{ to, envelope: { to: [to] } }]);
    },
  );
});
