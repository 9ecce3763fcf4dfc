/** Whom a campaign is for: how it is written, what is wrong with it, and who belongs to it. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { isInAudience, parseAudience } from '../../shared/lifecycle/campaign/audience.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { bought, chose, complained, day, event, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const PLAYBOOK = {
  ...PLAYBOOK_FOR_RULES,
  traits: {
    ...PLAYBOOK_FOR_RULES.traits,
    own: [{ id: 'few-orders', fact: 'orders', operator: 'at most' as const, value: 1, because: 'at most one order' }],
  },
};

function findings(text: string): string {
  const parsed = parseAudience(text, PLAYBOOK);
  return parsed.kind === 'wrong' ? parsed.findings.join('; ') : 'nothing';
}

function audienceOf(text: string) {
  const parsed = parseAudience(text, PLAYBOOK);
  if (parsed.kind === 'wrong') throw new Error(parsed.findings.join());
  return parsed.audience;
}

const NOW = day(10);
/** Whether somebody with this behind them belongs to the audience. */
function includes(text: string, ...events: readonly CustomerEvent[]): boolean {
  const customer = customerAfter(events, NOW, {}, PLAYBOOK);
  return isInAudience(audienceOf(text), customer, PLAYBOOK, NOW);
}

const tea = (category: string, orderId = 'o1', at = START) =>
  bought(at, orderId, { items: [{ sku: 's', name: 'Tea', quantity: 1, price: 60, category }] });

describe('an audience', () => {
  it.each([
    ['  stage=active   trait=promoter ', 'stage=active trait=promoter'],
    ['category="green tea",Pots', 'category="green tea",pots'],
    ['locale=pt_BR', 'locale=pt-br'],
    ['orders>=02', 'orders>=2'],
  ])('%s is written down in one spelling', (text, written) => {
    expect(audienceOf(text).text).toBe(written);
    expect(audienceOf(written).text).toBe(written);
  });

  it.each([
    [
      '',
      'expected at least one condition such as stage=active; for everybody: stage=lead,new,active,loyal,at_risk,lapsed',
    ],
    ['everybody', 'everybody: expected a condition such as stage=active, orders>=2 or category!=tea'],
    ['stage=happy', 'stage=happy: "happy" is no stage; expected one of lead, new, active, loyal, at_risk, lapsed'],
    ['trait=rich', 'trait=rich: "rich" is no trait; expected one of looker, researcher'],
    ['stage=active,', 'nothing'],
    ['stage=', 'stage=: expected a condition'],
    ['stage=,', 'stage=,: expected a value after ='],
    ['"category=green tea"', 'expected a condition such as'],
    ['stage>=active', 'stage>=active: expected stage= or stage!=, for it is no number'],
    ['orders>=many', 'orders>=many: expected a number after >= (how many orders count)'],
    ['orders>=2,3', 'orders>=2,3: expected one number after >='],
    [
      'age>=30',
      'age>=30: "age" is nothing customers are told apart by; expected stage, trait, category, locale, orders',
    ],
    ['name=Anna', 'name=Anna: "name" is nothing customers are told apart by'],
    ['locale=swedish!', 'locale=swedish!: "swedish!" is no language; expected a tag such as sv or pt-br'],
    ['category="green tea', 'expected a second quotation mark'],
    [`category=${'x'.repeat(300)}`, 'expected at most 240 characters in all'],
    [Array.from({ length: 13 }, () => 'stage=active').join(' '), 'expected at most 12 conditions'],
    ['stage=happy trait=rich', '"happy" is no stage'],
    ['stage=happy trait=rich', '"rich" is no trait'],
  ])('%s: %s', (text, expected) => {
    expect(findings(text)).toContain(expected);
  });

  it('knows the traits of the shop', () => {
    expect(includes('trait=few-orders', tea('tea'))).toBe(true);
    expect(includes('trait=few-orders', tea('tea'), bought(day(1), 'o2'))).toBe(false);
  });

  it('is everybody for whom all conditions hold', () => {
    expect(includes('stage=new category=tea', tea('tea'))).toBe(true);
    expect(includes('stage=new category=tea', tea('pots'))).toBe(false);
    expect(includes('stage=new category=tea', tea('Green Tea'))).toBe(true);
    expect(includes('stage=new category=green', tea('Green Tea'))).toBe(false);
    expect(includes('stage=new category!=tea', tea('Green Tea'))).toBe(false);
    expect(includes('stage=active category=tea', tea('tea'))).toBe(false);
  });

  it('of several values takes any, and of those it leaves out none', () => {
    expect(includes('stage=lead,new', tea('tea'))).toBe(true);
    expect(includes('stage!=lead,new', tea('tea'))).toBe(false);
    expect(includes('stage!=lead,active', tea('tea'))).toBe(true);
    expect(includes('trait!=promoter', tea('tea'))).toBe(true);
    expect(includes('trait!=promoter', event('Nps Answered', day(1), { score: 10 }))).toBe(false);
    expect(includes('trait=promoter,critic', event('Nps Answered', day(1), { score: 10 }))).toBe(true);
  });

  it('means the category bought last, however it is written', () => {
    expect(includes('category=tea', tea('Tea'))).toBe(true);
    expect(includes('category="green tea"', tea('Green Tea'))).toBe(true);
    expect(includes('category=tea', tea('tea'), tea('pots', 'o2', day(1)))).toBe(false);
  });

  it('takes what is not known for no answer', () => {
    expect(includes('category!=tea', tea('pots'))).toBe(true);
    expect(includes('category!=tea', bought(START, 'o1'))).toBe(false);
    expect(includes('category!=tea')).toBe(false);
    expect(includes('nps<=10')).toBe(false);
    expect(includes('locale!=sv')).toBe(false);
  });

  it('takes a language in all its regions, and a region alone', () => {
    const speaks = (locale: string) => event('Profile Updated', day(1), { locale });
    expect(includes('locale=sv', speaks('sv-FI'))).toBe(true);
    expect(includes('locale=sv-fi', speaks('sv_FI'))).toBe(true);
    expect(includes('locale=sv-fi', speaks('sv'))).toBe(false);
    expect(includes('locale!=sv', speaks('de'))).toBe(true);
    expect(includes('locale=sv', speaks('sv-FI'), chose(day(2), { how: 'page', language: 'de' }))).toBe(false);
  });

  it.each([
    ['orders>=2', 2, true],
    ['orders>=2', 1, false],
    ['orders<=1', 2, false],
    ['orders=1,3', 3, true],
    ['orders=1,3', 2, false],
    ['orders!=2', 2, false],
    ['spend>=120', 2, true],
    ['daysSinceOrder>=9', 2, true],
    ['daysSinceOrder>=10', 2, false],
  ])('%s after %d orders: %s', (text, orders, expected) => {
    const all = Array.from({ length: orders }, (_none, index) => bought(START + (index > 0 ? DAY : 0), `o${index}`));
    expect(includes(text, ...all)).toBe(expected);
  });

  it('looks neither at purchases nor at inferred traits of who wants no tailored mail', () => {
    const general = chose(day(2), { how: 'page', tailored: false });
    expect(includes('category=tea', tea('tea'), general)).toBe(false);
    expect(includes('category!=tea', tea('pots'), general)).toBe(false);
    expect(includes('orders>=1', tea('tea'), general)).toBe(false);
    expect(includes('trait=few-orders', tea('tea'), general)).toBe(false);
    expect(includes('stage=new', tea('tea'), general)).toBe(true);
    expect(includes('trait!=dissatisfied', tea('tea'), general, complained(day(9)))).toBe(false);
  });

  it('is asked at a time: whoever is silent leaves it', () => {
    const customer = customerAfter([bought(START, 'o1'), bought(day(1), 'o2')], NOW, {}, PLAYBOOK);
    const audience = audienceOf('stage=active');
    expect(isInAudience(audience, customer, PLAYBOOK, NOW)).toBe(true);
    expect(isInAudience(audience, customer, PLAYBOOK, day(100))).toBe(false);
  });
});
