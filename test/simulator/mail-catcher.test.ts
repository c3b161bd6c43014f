import { createTransport } from 'nodemailer';
import { beforeEach, describe, expect, test } from 'vitest';
import { readMail } from '../../simulator/mail-catcher/read-mail.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';

const catcher = await startMailCatcher();
const mail = {
  from: 'Ateliér <billing@atelier.example>',
  to: 'Grüße <customer@example.com>',
  subject: 'Rechnung für die überaus schöne Zeichnung „Möwe am Kai“, zahlbar bis Ende des Monats',
  text: 'Grüße!\nhttps://pay.example/i/abc?x=1&y=2 <https://other.example>\n= ends with an equals sign =\n',
  html: '<p>Grüße &amp; mehr</p><script>alert(1)</script>',
};

async function send(more: object = {}): Promise<void> {
  const transport = createTransport({ url: catcher.smtp });
  await transport.sendMail({ ...mail, messageId: '<m1@atelier.example>', ...more });
}

beforeEach(async () => {
  await catcher.behave('accept');
  await catcher.clear();
});

describe('a mail that was taken', () => {
  test('is told in JSON as it was meant: headers, text and HTML', async () => {
    await send();
    expect(await catcher.mails()).toMatchObject([
      {
        subject: mail.subject,
        from: mail.from,
        to: mail.to,
        message_id: '<m1@atelier.example>',
        envelope: { from: 'billing@atelier.example', to: ['customer@example.com'] },
        text: mail.text,
        html: mail.html,
      },
    ]);
  });

  test.each(['base64', 'quoted-printable'] as const)('is read in %s too', async (textEncoding) => {
    await send({ textEncoding });
    const [caught] = await catcher.mails();
    expect([caught?.text, caught?.html]).toEqual([mail.text, mail.html]);
  });

  test('is listed on a page, newest first, and shown on one of its own that runs nothing of it', async () => {
    await send({ subject: 'first' });
    await send({ subject: '<b>second</b>' });
    const list = await (await fetch(catcher.running.url)).text();
    expect(list.indexOf('&lt;b&gt;second')).toBeLessThan(list.indexOf('first'));
    const [, second] = await catcher.mails();
    const answer = await fetch(`${catcher.running.url}/mails/${second?.id}.html`);
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('srcdoc="&lt;base target=&quot;_blank&quot;&gt;&lt;p&gt;Grüße &amp;amp; mehr');
    expect(page).toMatch(/<iframe[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox"/);
    expect(page).not.toContain('<script>');
    expect(page).toContain('<a href="https://pay.example/i/abc?x=1&amp;y=2" rel="noreferrer">');
    expect(page).toContain('&lt;<a href="https://other.example" rel="noreferrer">https://other.example</a>&gt;');
    expect(page).toContain('m1@atelier.example');
  });

  test('is thrown away on request', async () => {
    await send();
    await catcher.clear();
    expect(await catcher.mails()).toEqual([]);
  });
});

describe('told to be difficult', () => {
  test.each([
    ['temporary', 'greeting', 451, false],
    ['temporary', 'recipient', 451, false],
    ['temporary', 'data', 451, false],
    ['permanent', 'recipient', 550, false],
    ['permanent', 'data', 550, false],
  ] as const)('it refuses (%s, at %s)', async (answer, at, responseCode, kept) => {
    await catcher.behave(answer, at);
    await expect(send()).rejects.toMatchObject({ responseCode });
    expect((await catcher.mails()).length > 0).toBe(kept);
  });

  test('it leaves the sender waiting, and has kept the mail all the same when the whole of it had come', async () => {
    await catcher.behave('hang', 'data');
    const waiting = send().then(
      () => 'taken',
      () => 'sent away',
    );
    await expect.poll(catcher.mails).toHaveLength(1);
    await catcher.behave('accept');
    expect(await waiting).toBe('sent away');
  });

  test('it knows no other behaviour', async () => {
    const answer = await fetch(`${catcher.running.url}/behaviour`, { method: 'PUT', body: '{"answer":"explode"}' });
    expect(answer.status).toBe(400);
  });
});

test('a part without headers, and a mail without an end, are read as far as they go', () => {
  expect(readMail(Buffer.from('Subject: x\r\n\r\nplain'))).toMatchObject({ text: 'plain', html: null });
  const broken =
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>';
  expect(readMail(Buffer.from(broken))).toMatchObject({ text: 'first', html: '<p>' });
  expect(readMail(Buffer.from(''))).toMatchObject({ headers: [], text: '' });
});
