import { describe, expect, it } from 'vitest';
import { illegibleIn } from '../../shared/email/rules/legible.ts';
import { unsafeIn } from '../../shared/email/rules/safety.ts';
import { toText } from '../../shared/email/text-part.ts';

const PREHEADER =
  '<div style="display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;">In short</div>';

/** What is said of a mail with this body. */
function unsafe(body: string, { head = '', subject = 'Hello' } = {}): readonly string[] {
  const html = `<!doctype html><html><head>${head}</head><body>${PREHEADER}${body}</body></html>`;
  const parts = { subject, preheader: 'In short', html, text: toText(html), showsJournal: false };
  return unsafeIn(parts, 'https://shop.example.com/').map(({ problem }) => problem);
}

describe('what hides is refused', () => {
  it.each([
    ['<a href="{{ unsubscribeUrl }}" style="display:none">Unsubscribe</a>', '<a> hides what it holds: display:none'],
    ['<p style="display: NONE !important">x</p>', '<p> hides what it holds: display:none'],
    ['<p style="opacity:0">x</p>', '<p> hides what it holds: opacity:0'],
    ['<p style="visibility:hidden">x</p>', '<p> hides what it holds: visibility:hidden'],
    ['<p style="margin:0 0 -40px">x</p>', '<p> hides what it holds: margin:0 0 -40px'],
    ['<p style="margin-top:-4em">x</p>', '<p> hides what it holds: margin-top:-4em'],
    ['<p style="text-indent:-9999px">x</p>', '<p> hides what it holds: text-indent:-9999px'],
    ['<p style="padding-top:9999px">x</p>', '<p> hides what it holds: padding-top:9999px'],
    ['<p style="max-height:0">x</p>', '<p> hides what it holds: max-height:0'],
    ['<p style="max-width:.2em">x</p>', '<p> hides what it holds: max-width:.2em'],
    ['<p style="width:1px">x</p>', '<p> hides what it holds: width:1px'],
    ['<p style="line-height:0">x</p>', '<p> hides what it holds: line-height:0'],
    ['<p style="line-height:10%">x</p>', '<p> hides what it holds: line-height:10%'],
    ['<p style="height:12px;overflow:hidden">x</p>', '<p> hides what it holds: overflow:hidden'],
    ['<p style="letter-spacing:-1em">x</p>', '<p> hides what it holds: letter-spacing:-1em'],
    ['<p style="mso-hide:all">x</p>', '<p> hides what it holds: mso-hide:all'],
    ['<!--[if mso]><div style="display:none"><![endif]-->', '<div> hides what it holds: display:none'],
    [PREHEADER, '<div> hides what it holds: display:none'],
    ['<style>a { color: #111111 }</style>', 'it holds <style, within the body'],
  ])('%s', (body, problem) => {
    expect(unsafe(body)).toContain(problem);
  });

  it.each(['.footer { display: none }', '@media (max-width: 9px) { .footer a { position:absolute } }'])(
    'in a sheet: %s',
    (css) => {
      expect(unsafe('x', { head: `<style>${css}</style>` })).toContainEqual(
        expect.stringMatching(/^a style hides what it selects: /u),
      );
    },
  );

  it('and what MJML writes is not', () => {
    const body = `<!--[if mso | IE]><table><tr><td style="line-height:0px;font-size:0px;mso-line-height-rule:exactly;"><![endif]-->
      <div style="margin:0px auto;max-width:600px;border-radius:14px;overflow:hidden;"><p style="border-top:solid 3px #9a3f1d;font-size:1px;margin:0px auto;width:44px;"></p></div>`;
    expect(unsafe(body)).toEqual([]);
  });
});

describe('an address that is written out', () => {
  it.each([
    "see {{ 'https://evil.example/?u=' }}{{ preferencesUrl }}",
    "{{ 'https:' }}//evil.example/{{ customer.firstName }}",
    "https:/{{ '/' }}evil.example/{{ customer.firstName }}",
    "{{ customer.firstName | default: 'https://evil.example/?u=' }}",
    'Open www.evil.example/?u={{ preferencesUrl }}',
    'Open evil.example/{{ preferencesUrl }}',
    'Open evil.example:8080/{{ preferencesUrl }}',
    'Open evil.example?{{ preferencesUrl }}',
    'Open https://evil.example/&quot;{{ customer.firstName }}',
    'Open https://evil.example/»{{ customer.firstName }}',
    'Open https://evil.example/<bdi>{{ customer.firstName }}</bdi>',
    'Open https://evil.example/{% if order %}{{ order.orderId }}{% endif %}',
    'Write to mailto:evil@evil.example?body={{ preferencesUrl }}',
    'Write to {{ customer.firstName }}@evil.example',
    'Write to evil+{{ customer.firstName }}@evil.example',
    'Open {{ customer.firstName }}.evil.example/',
    'Open //evil.example/{{ customer.firstName }}',
    'Open https://wiki.intranet/x',
    'Open wiki.intranet/x',
    'Open www.wiki.test',
  ])('“%s” is refused', (words) => {
    expect(unsafe(`<p>${words}</p>`)).toContainEqual(
      expect.stringMatching(/depends on its reader|prints a part of an address|leads to a private machine/u),
    );
    expect(unsafe('', { subject: words.replaceAll(/<[^>]*>/gu, '').replace('&quot;', '"') })).not.toEqual([]);
  });

  it.each([
    'Dear {{ customer.firstName }}, see https://shop.example.com/help, or www.shop.example.com.',
    '{{ order.total }}, and/or 0.8 l/cup. {{ customer.firstName }}.',
    "{{ shop.contacts.phone | remove: ' ' }}",
    'Write to <a href="mailto:{{ contact.email }}">{{ contact.email }}</a>, or tea@shop.example.com',
    'Help: https://shop.example.com/help {{ customer.firstName }}',
  ])('“%s” is not', (words) => {
    expect(unsafe(`<p>${words}</p>`)).toEqual([]);
  });
});

describe('what nobody can read', () => {
  const SHEET = `a { color: #9a3f1d }
    @media (prefers-color-scheme: dark) {
      .ground { background-color: #141210 !important }
      .ink div, .ink .plain { color: #efe9df !important }
      .ink a { color: #eba483 !important }
      .panel { background: #1f1c18 !important }
    }`;
  const problems = (body: string, css = SHEET) =>
    illegibleIn(
      `<html><head><style>${css}</style></head><body class="ground" style="background-color:#f4f0e9">${PREHEADER}<div class="ink"><div style="color:#26221c;font-size:17px">${body}</div></div></body></html>`,
    ).map(({ problem }) => problem);

  it.each([
    ['words', []],
    ['<a href="https://shop.example.com/">a link</a>', []],
    ['<span style="color:#f4f0e9">like the ground</span>', ['light']],
    ['<span class="plain" style="color:#f4f0e9">like the ground, in light</span>', ['light']],
    ['<span style="color:transparent">seen through</span>', ['light', 'dark']],
    ['<span style="color:#655d50">dark in the dark</span>', ['dark']],
    ['<table style="background:#e4dccf"><tr><td>light in the dark</td></tr></table>', ['dark']],
    ['<table bgcolor="#e4dccf"><tr><td>light in the dark</td></tr></table>', ['dark']],
    ['<table class="panel" style="background:#ffffff"><tr><td>changes with it</td></tr></table>', []],
    ['<table style="background:#141210"><tr><td>dark in light</td></tr></table>', ['light']],
    ['{% if order %}<span style="color:#f4f0e9">{{ order.total }}</span>{% endif %}', ['light']],
    ['<span style="color:#f4f0e9">&#8203; </span>', []],
    ['<span style="color:#8a8378">too faint</span>', ['light']],
    ['<span style="color:#8a8378;font-size:24px">large enough</span>', []],
    ['<strong style="color:#8a8378;font-size:19px">bold enough</strong>', []],
  ])('%s', (body, schemes) => {
    const found = problems(body).map((problem) => /in (light|the dark)/u.exec(problem)?.[1]?.replace('the ', ''));
    expect(found.filter((scheme) => scheme !== undefined)).toEqual(schemes);
  });

  it('is what is too small', () => {
    expect(problems('<span style="font-size:0">x</span>')).toEqual(['“x” is too small to be read: 0 pixels']);
    expect(problems('<span style="font-size:40%">x</span>')).toEqual(['“x” is too small to be read: 6.8 pixels']);
  });

  it('may not depend on a selector that nobody judges', () => {
    expect(problems('x', 'div:nth-child(1) { color: #f4f0e9 }')).toContain(
      'nobody can say what div:nth-child(1) colours',
    );
    expect(problems('x', 'a:hover { text-decoration: underline }')).toEqual([]);
  });
});
