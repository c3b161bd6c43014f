/** What is asked about messages. The subject is the mail, or `endpoint:` and the number of the endpoint. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    message_undelivered: { message: string; kind: string; tries: number; failure: string };
    webhook_gone: { endpoint: number; message: string; kind: string };
  }
}

/** The subject of what is asked about an endpoint. */
export function aboutEndpoint(id: number): string {
  return `endpoint:${id}`;
}

export type MessageQuestion = 'message_undelivered' | 'webhook_gone';
