/** Imported before a start of the twin: ends its process without warning at the point of sending that the environment names. */
/* oxlint-disable typescript/unbound-method -- each is called on the object it was taken from */
import { Tables } from '../../infra/local/dynamodb.ts';
import { LevelJournal } from '../../infra/local/journal.ts';
import { Ses } from '../../infra/local/ses.ts';
import { MESSAGE } from '../../shared/adapters/dynamodb-store.ts';

/**
 * Of a mail, `asked`: its message is taken, SES has not looked at it. `forgotten`: SES has, and nothing of it is on disk.
 * `unanswered`: it is on disk, and nobody was told. `settling`: somebody was told, and has not written it down. Of an item that
 * is put into a table, `writing`: before it is there.
 */
export type KillPoint = 'asked' | 'forgotten' | 'unanswered' | 'settling' | 'writing';

/** A point, and at which mail or item of this start, from 1. */
const [point, turn = '1'] = (process.env['KILLED_AT'] ?? '').split(' ');
let [mails, items] = [0, 0];

function die(here: KillPoint, count: number): void {
  if (point === here && count === Number(turn)) process.kill(process.pid, 'SIGKILL');
}

const { call } = Ses.prototype;
Ses.prototype.call = function sent(operation, ...rest) {
  if (operation !== 'SendRawEmail') return call.call(this, operation, ...rest);
  mails += 1;
  die('asked', mails);
  const answer = call.call(this, operation, ...rest);
  die('forgotten', mails);
  return answer;
};

const { flush } = LevelJournal.prototype;
LevelJournal.prototype.flush = async function kept() {
  const asked = mails;
  await flush.call(this);
  die('unanswered', asked);
};

const { call: ask } = Tables.prototype;
Tables.prototype.call = function asked(operation, data) {
  if (operation === 'PutItem') {
    items += 1;
    die('writing', items);
    if (JSON.stringify(data).includes(MESSAGE)) die('settling', mails);
  }
  return ask.call(this, operation, data);
};
