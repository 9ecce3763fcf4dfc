/** The mail that asks SES whether it answers at all. */
import { describe, expect, it } from 'vitest';
import { askSes } from '../../functions/send/trial.ts';
import type { OutgoingMail, SendOutcome } from '../../shared/adapters/mailer.ts';

const CAUSE = Object.assign(new Error('Daily message quota exceeded for shop@example.com.'), { name: 'Throttling' });

describe('the mail to the simulator', () => {
  it.each([
    [{ kind: 'accepted', messageId: 'm-1' }, {}],
    [
      { kind: 'not now', why: 'quota', cause: CAUSE },
      { why: 'quota', error: 'Throttling' },
    ],
    [{ kind: 'unknown', cause: CAUSE }, { error: 'Throttling' }],
  ] as const satisfies readonly (readonly [SendOutcome, object])[])(
    'goes to nobody, and what SES said of it ($0.kind) is handed on and in the log',
    async (answer, said) => {
      const sent: OutgoingMail[] = [];
      const lines: unknown[] = [];
      const mailer = {
        send: async (mail: OutgoingMail) => {
          sent.push(mail);
          return answer;
        },
      };
      expect(await askSes(mailer, { warn: (...line) => void lines.push(line) }, 'shop@example.com')).toBe(answer);
      expect(sent).toMatchObject([{ from: 'shop@example.com', to: 'success@simulator.amazonses.com' }]);
      expect(lines).toEqual([[`SES, asked on trial: ${answer.kind}`, said]]);
    },
  );
});
