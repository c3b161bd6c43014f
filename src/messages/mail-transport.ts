import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { createTransport } from 'nodemailer';
import { messageOf } from '../platform/log.ts';
import type { MailText } from '../platform/words.ts';
import { DeliveryFailure } from './delivery-failure.ts';

/** Mail by SMTP. The Message-ID is made from the message's own id: a server that gets it twice can tell. */
export interface MailTransport {
  /** @returns the server's answer; @throws DeliveryFailure when it did not take the mail */
  send(to: string, messageId: string, mail: MailText): Promise<string>;
  close(): void;
}

/** The whole try, waiting for a free connection included. Shorter than the lease of a message. */
const TIMEOUT_MS = 60_000;
const CONNECTIONS = 2;
/** No address that a mail server takes holds one of these outside of quotes, and we send to none with quotes. */
const UNUSABLE_ADDRESS = /[\s\p{Cc}"(),:;<>[\\\]]/u;

/**
 * @param smtpUrl e.g. `smtp://user:password@mail.example.com:587`
 * @param tls whether a server elsewhere must speak TLS before it is told anything (SMTP_TLS)
 */
export function mailTransport(smtpUrl: string, from: string, tls: 'required' | 'optional'): MailTransport {
  // The pool takes another connection by itself only when not a byte of the mail went over the first.
  const url = tls === 'required' ? withTls(smtpUrl) : smtpUrl;
  const transport = createTransport({ url, pool: true, maxConnections: CONNECTIONS }, { from });
  const domain = domainToASCII(/@([^\s<>]+)/.exec(from)?.[1] ?? '') || 'localhost';
  return {
    async send(to, messageId, mail) {
      if (UNUSABLE_ADDRESS.test(to))
        throw new DeliveryFailure('permanent', 'unusable address', 'this is no mail address');
      try {
        const sent: { response?: string } = await transport.sendMail({
          // As an object: a text would be parsed, and a comma in it would make two recipients.
          to: { name: '', address: to },
          messageId: `<${messageId}@${domain}>`,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...mail,
        });
        return sent.response ?? 'accepted';
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => transport.close(),
  };
}

/** In the URL, because what it says overrules the options beside it. On this machine nobody listens on the way. */
function withTls(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  if (isLoopback(url.hostname)) return smtpUrl;
  url.searchParams.set('requireTLS', 'true');
  return url.href;
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

/**
 * A 5xx to the recipient or to the mail itself is for good (RFC 5321, 4.2.1). One to our sign-in or sender address is about
 * the settings: the operator puts them right, and the mail goes out with a later try.
 */
function failureOf(error: unknown): DeliveryFailure {
  const { code, command, responseCode } = smtpErrorOf(error);
  if (code === 'ETLS' && command === 'STARTTLS' && responseCode !== undefined) return withoutTls();
  const aboutTheMail = command === 'RCPT TO' || command === 'DATA';
  const unusable = code === 'EENVELOPE' && responseCode === undefined;
  const permanent = unusable || (aboutTheMail && (responseCode ?? 0) >= 500);
  const brief = [responseCode === undefined ? undefined : `SMTP ${responseCode}`, code, command]
    .filter((part) => part !== undefined)
    .join(' ');
  return new DeliveryFailure(permanent ? 'permanent' : 'temporary', brief || 'mail error', messageOf(error));
}

function withoutTls(): DeliveryFailure {
  const what = 'The SMTP server offers no TLS (STARTTLS): password, addresses and links would go in clear';
  const help = 'Take one with TLS, or set SMTP_TLS=optional if nobody can listen on the way to it';
  return new DeliveryFailure('temporary', 'no TLS (SMTP_TLS)', `${what}. ${help}.`);
}

function smtpErrorOf(error: unknown) {
  const given = error instanceof Error ? error : new Error();
  const { code } = 'code' in given ? given : { code: undefined };
  const { command } = 'command' in given ? given : { command: undefined };
  const { responseCode } = 'responseCode' in given ? given : { responseCode: undefined };
  return {
    code: typeof code === 'string' ? code : undefined,
    command: typeof command === 'string' ? command : undefined,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
  };
}
