import { describe, expect, it } from 'vitest';
import { markupIn } from '../../shared/email/rules/markup.ts';

describe('what is meant for markup and is none', () => {
  it.each([
    ['It is <b>new</b>.', 'a tag, which readers would see: <b>'],
    ['A line<br/>and another', 'a tag, which readers would see: <br/>'],
    ['Ends </p', 'a tag, which readers would see: </p'],
    ['Tea&nbsp;time', 'a sign spelled as in HTML, which readers would see: &nbsp;'],
    ['Tea &#8212; time', 'a sign spelled as in HTML, which readers would see: &#8212;'],
    [
      'See [this] (https://a.example/x).',
      'a space between the words of a link and its address: ] (https://a.example/x)',
    ],
    ['See [this](https://a.example/x', 'a link that does not end: ](https://a.example/x'],
    ['See [this]({{ shop.url }} or that', 'a link that does not end: ](x or that'],
    ['It is *new*.', 'words between single stars, which readers would see: *new*'],
    ['It is _quite new_.', 'words between underscores, which readers would see: _quite new_'],
    ['One.\n \nTwo.', 'an empty line, which no reader would see'],
  ])('%j is told', (text, problem) => {
    expect(markupIn(text).map((each) => each.problem)).toEqual([problem]);
  });

  it.each([
    'It is **quite new** and [here](https://a.example/x_y_z), or [write]({{ shop.contacts.url | default: a }}).',
    '{% if cart.items.size < 2 and a > b %}2 * 3 * 4{% endif %}, 3 < 5, AT&T; R&D',
    'price* and delivery* of cup_no_1',
    'In two\nlines',
    'Look at https://a.example/_x_/*y*',
    '[ask]({{ x }}) (or call)',
  ])('%j is not', (text) => {
    expect(markupIn(text)).toEqual([]);
  });
});
