/** A server on 127.0.0.1 that answers AWS clients from a script and keeps every request that reached it. */
import { createServer, type ServerResponse } from 'node:http';

export interface Received {
  /** Name of the operation in JSON protocols, such as `AWSEvents.PutEvents`; empty for SES. */
  readonly target: string;
  readonly body: string;
}

export interface Wire {
  readonly endpoint: string;
  readonly received: readonly Received[];
  close(): Promise<void>;
}

/** @param answer gets the request and its number, counted from 0; what it does not answer hangs */
export async function openWire(
  answer: (request: Received, response: ServerResponse, number: number) => void,
): Promise<Wire> {
  const received: Received[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const request = { target: String(message.headers['x-amz-target'] ?? ''), body };
      received.push(request);
      answer(request, response, received.length - 1);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the test server got no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a client in a test signs with; the port decides where it goes. */
export const TEST_CREDENTIALS = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' };
export const TEST_REGION = 'us-east-1';

/** Answers as the services with a JSON protocol do. */
export function replyJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'test' });
  response.end(JSON.stringify(body));
}
