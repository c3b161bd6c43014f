import { createTransport } from 'nodemailer';

/** Mail by SMTP. The Message-ID is made from the message's own id: a server that gets it twice can tell. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface MailTransport {
  /** @returns the server's answer; @throws when it did not take the mail */
  send(to: string, messageId: string, mail: MailText): Promise<string>;
  close(): void;
}

export function mailTransport(smtpUrl: string, from: string): MailTransport {
  const transport = createTransport({ url: smtpUrl, pool: true, maxConnections: 2 }, { from });
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    async send(to, messageId, mail) {
      const sent: { response?: string } = await transport.sendMail({
        to,
        messageId: `<${messageId}@${domain}>`,
        ...mail,
      });
      return sent.response ?? 'accepted';
    },
    close: () => transport.close(),
  };
}
