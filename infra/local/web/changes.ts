/** Tells open pages that something happened, by Server-Sent Events; they fetch themselves anew. */
import type { ServerResponse } from 'node:http';
import type { Twin } from '../contract.ts';

/** A busy second has thousands of changes; a page that is drawn anew once a second is live enough. */
const SHORTEST_PAUSE_MS = 1_000;
const HEARTBEAT_MS = 25_000;

export function streamChanges(response: ServerResponse, twin: Pick<Twin, 'onChange'>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\n');
  let waiting: NodeJS.Timeout | undefined;
  const off = twin.onChange(() => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      response.write('data: change\n\n');
    }, SHORTEST_PAUSE_MS);
  });
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    off();
    clearTimeout(waiting);
    clearInterval(heartbeat);
  });
}
