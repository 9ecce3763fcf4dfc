import { describe, expect, it } from 'vitest';
import { ContentError } from '../../shared/email/content-error.ts';
import { parseLiquid } from '../../shared/email/lint.ts';

/** What is wrong with Liquid, with its lines. */
function told(liquid: string): readonly string[] {
  try {
    parseLiquid(liquid, (line) => ({ file: 'x', line }));
    return [];
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return error.problems.map(({ line, problem }) => `${line}: ${problem}`);
  }
}

describe('a loop', () => {
  it.each([
    ['{% for i in (1..450000) %}{% endfor %}', '1: it counts through a range: (1..450000)'],
    ['x\n{% for i in (1 .. order.items.size) %}{% endfor %}', '2: it counts through a range: (1 .. order.items.size)'],
    ['{% if (1..900000) contains 5 %}x{% endif %}', '1: it counts through a range: (1..900000)'],
    ['{{ (1..900000) | join }}', '1: it counts through a range: (1..900000)'],
    ["{% for i in 'abc' %}{% endfor %}", "1: it loops over no list: {% for i in 'abc' %}"],
    ['{% for i in customer.name %}{% endfor %}', '1: it loops over no list: {% for i in customer.name %}'],
    [
      '{% if customer.firstName == "Maria" %}{% for item in order.items %}\n{% for item in cart.items %}{% endfor %}{% endfor %}{% endif %}',
      '2: a loop within a loop: {% for item in cart.items %}',
    ],
  ])('%s is refused, whoever reads it', (liquid, problem) => {
    expect(told(liquid)).toEqual([problem]);
  });

  it('is refused where there are many of them, though each alone is not', () => {
    const loop = '{% for item in order.items %}x{% endfor %}';
    expect(told(loop.repeat(40))).toEqual([]);
    expect(told(loop.repeat(41))).toEqual(['1: it has more than 40 loops']);
  });

  it('over a list of the view is not, behind another one', () => {
    expect(told("{% for item in order.items %}{{ item.name | truncate: 9, '..' }}{% endfor %}")).toEqual([]);
    expect(told('{%- for link in content limit:2 -%}x{%- endfor -%}{% for option in options %}x{% endfor %}')).toEqual(
      [],
    );
  });
});
