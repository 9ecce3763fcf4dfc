import { expect, it } from 'vitest';
import { traced, unmarked, withKey, withLines, withoutMarks } from '../../shared/email/marks.ts';

const LAYOUT = `<mj-section
  css-class="x">
  <mj-text>first {{ t.one }}
    <b class="a"
       title="b">second</b>
    {% if a > b %}third{% endif %}</mj-text>
  <mj-button href="https://a.example/">go</mj-button>
</mj-section>`;

it('marks leave a layout as it is once they are taken out', () => {
  const marked = withLines(LAYOUT);
  expect(marked).not.toBe(LAYOUT);
  expect(withoutMarks(marked)).toBe(LAYOUT);
  expect(unmarked(marked).plain).toBe(LAYOUT);
  expect(marked.split('\n')).toHaveLength(LAYOUT.split('\n').length);
});

it.each([
  ['first', [3, 4]],
  ['<b class', [4, 5]],
  ['second', [5, 6]],
  ['third', [6, 7]],
  ['go', [7, undefined]],
  ['<mj-section', [undefined, 3]],
])('%s is traced to where it was written', (words, lines) => {
  expect(traced(unmarked(withLines(LAYOUT)), LAYOUT.indexOf(words))).toEqual({ key: undefined, lines });
});

it('no mark is put into a tag or into Liquid', () => {
  const { marks } = unmarked(withLines('<mj-raw><a\n  href="{{\n x }}"\n>y</a></mj-raw>'));
  expect(marks).toEqual([
    { at: 8, line: 1, key: undefined },
    { at: 30, line: 4, key: undefined },
  ]);
});

it('a text is traced by its key, and what stands behind it by its line', () => {
  const set = `before ${withKey('words of the text', 'intro', 4)} behind`;
  const html = unmarked(set);
  expect(html.plain).toBe('before words of the text behind');
  expect(traced(html, html.plain.indexOf('words'))).toEqual({ key: 'intro', lines: [4, 4] });
  expect(traced(html, html.plain.indexOf('text'))).toMatchObject({ key: 'intro' });
  expect(traced(html, html.plain.indexOf('before'))).toEqual({ key: undefined, lines: [undefined, 4] });
  expect(traced(html, html.plain.indexOf('behind'))).toEqual({ key: undefined, lines: [4, undefined] });
});
