import { createTransport } from 'nodemailer';
import { messageOf } from '../platform/log.ts';
import { DeliveryFailure } from './delivery-failure.ts';

/** Mail by SMTP. The Message-ID is made from the message's own id: a server that gets it twice can tell. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailTransport {
  /** @returns the server's answer; @throws DeliveryFailure when it did not take the mail */
  send(to: string, messageId: string, mail: MailText): Promise<string>;
  close(): void;
}

/** The whole try, waiting for a free connection included. Shorter than the lease of a message. */
const TIMEOUT_MS = 60_000;
const CONNECTIONS = 2;

/** @param smtpUrl e.g. `smtp://user:password@mail.example.com:587` */
export function mailTransport(smtpUrl: string, from: string): MailTransport {
  // The pool takes another connection by itself only when not a byte of the mail went over the first.
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: CONNECTIONS }, { from });
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    async send(to, messageId, mail) {
      try {
        const sent: { response?: string } = await transport.sendMail({
          to,
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

/**
 * A 5xx to the recipient or to the mail itself is for good (RFC 5321, 4.2.1). One to our sign-in or sender address is about
 * the settings: the operator puts them right, and the mail goes out with a later try.
 */
function failureOf(error: unknown): DeliveryFailure {
  const { code, command, responseCode } = smtpErrorOf(error);
  const aboutTheMail = command === 'RCPT TO' || command === 'DATA';
  const unusable = code === 'EENVELOPE' && responseCode === undefined;
  const permanent = unusable || (aboutTheMail && (responseCode ?? 0) >= 500);
  const brief = [responseCode === undefined ? undefined : `SMTP ${responseCode}`, code, command]
    .filter((part) => part !== undefined)
    .join(' ');
  return new DeliveryFailure(permanent ? 'permanent' : 'temporary', brief || 'mail error', messageOf(error));
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
