import { describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { describeWithNginx, event, frontedApi, signed } from './nginx-before-api.ts';
import { ask } from './nginx-front.ts';

describeWithNginx('what nginx writes down, also without the api', async (program) => {
  const { front, api } = await frontedApi(program);

  test('the access log holds paths without their query', async () => {
    await ask(front, '/healthz?email=ada@example.com');
    await until(() => front.accessLog().includes('"path":"/healthz"'));
    expect(front.accessLog()).not.toContain('ada@example.com');
  });

  const links = ['/i/', '/I/', '//i/', '/%69/'].map((way) => `${way}abcdefghijklmnopTheSecretPartOfTheLink/pay`);

  test('nor does it hold the links of invoices, in whatever case', async () => {
    for (const link of links) await ask(front, link);
    // nginx answers first and writes its log after.
    await until(() => front.accessLog().split('"path":"/i/..."').length > links.length);
    expect(front.accessLog()).not.toContain('TheSecretPart');
  });

  describe('with the api gone', () => {
    test('Stripe is answered 502, so that it sends the event again', async () => {
      await api.stop();
      expect((await ask(front, '/webhooks/stripe', signed(event('evt_later', '')))).status).toBe(502);
    });

    test('programs are told so in the form of /v1, and people in a sentence', async () => {
      const forPrograms = await ask(front, '/v1/invoices?search=ada@example.com');
      expect(forPrograms).toMatchObject({ status: 502, headers: { 'retry-after': '5' } });
      expect(JSON.parse(forPrograms.body)).toEqual({
        type: 'about:blank',
        title: 'Bad Gateway',
        status: 502,
        detail: 'The API can’t be reached just now. Try again.',
      });
      const forPeople = await ask(front, '/console');
      expect(forPeople).toMatchObject({ status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } });
      expect(forPeople.body).toContain('Please try again in a minute');
    });

    test('no log of nginx holds what was asked', async () => {
      for (const link of links) expect((await ask(front, `${link}?mail=ada@example.com`)).status).toBe(502);
      await until(() => front.accessLog().split('"status":502').length > links.length);
      expect(front.accessLog() + front.errors()).not.toMatch(/TheSecretPart|ada@example/);
    });
  });
});
