/** The command line of `npm run unsuppress`: lifts a suppression that was wrong. It never takes back what a reader said. */
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type Address, isHeldBack, liftSuppression, unknownAddress } from '../../shared/lifecycle/address.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { UsageError } from '../local/usage-error.ts';
import { type Records, UnreadableKey } from '../records.ts';
import { confirmChange, openTarget, readArguments, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const HELP = `Lets the present address of a customer get mail again after a bounce or a spam complaint that was wrong.

  npm run unsuppress -- CUSTOMER

CUSTOMER is the id the shop uses. What is known of the address belongs to all customers who share it. An unsubscribe stays,
and so does the one that a spam complaint stands for: only the reader opts in again.

  --yes            does not ask before it changes a production stage; without a terminal nothing is changed there otherwise

${TARGET_HELP}

Exit codes: 0 done, 1 a fault, 2 something in the command to put right.
`;

const OPTIONS = { ...TARGET_OPTIONS, yes: { type: 'boolean' } } as const;

/** @throws UsageError */
export async function unsuppressCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const [customerId, ...more] = positionals;
  if (customerId === undefined || more.length > 0) {
    throw new UsageError('expected CUSTOMER; --help explains the command');
  }
  const target = await openTarget(values);
  const { records, name, now } = target;
  try {
    const hash = await hashOf(records, customerId, name);
    const address = (await records.addresses.read(hash)) ?? unknownAddress(hash);
    const before = stateOf(address, now);
    if (!isHeldBack(address)) return before;
    if (!(await confirmChange(target, `${before}\nLift this`, values.yes === true))) return 'Nothing was changed.';
    const lifted = await reviseAddress(records.addresses, hash, liftSuppression);
    return [
      `Was: ${before}`,
      `Now: ${stateOf(lifted, now)}`,
      'SES keeps a list of its own: aws sesv2 delete-suppressed-destination --email-address ADDRESS',
    ].join('\n');
  } finally {
    records.close();
  }
}

/** @throws UsageError when there is nobody, or no address, or its key is not for whoever asks */
async function hashOf({ store, addressKey }: Records, customerId: string, name: string): Promise<string> {
  const profile = await store.load(customerId);
  if (profile?.kind !== 'living') throw new UsageError(`${name} knows no customer "${customerId}"`);
  const { email } = personOf(profile.facts.person);
  if (email === undefined) throw new UsageError(`no address is known of customer "${customerId}"`);
  try {
    return addressHash(await addressKey(), email);
  } catch (cause) {
    if (!(cause instanceof UnreadableKey)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
}

function stateOf({ hash, suppressed, restsUntil, optOut }: Address, now: number): string {
  const held = [
    suppressed && `suppressed since ${absolute(suppressed.at)} (${suppressed.reason})`,
    restsUntil !== undefined && restsUntil > now && `resting until ${absolute(restsUntil)} (bouncing)`,
  ].filter((each) => typeof each === 'string');
  const said = optOut === undefined ? '' : ' Somebody there has unsubscribed, and that stays.';
  return `The address ${hash} is ${held.length === 0 ? 'not suppressed' : held.join(' and ')}.${said}`;
}
