/** Makes editing pleasant on the pages of templates: a preview while one types, variables offered after `{{`, and the page
 * as current as the files. Everything works without it. */

/** Whoever types pauses for longer than this between words. */
const PAUSE_MS = 120;

const forms = [...document.querySelectorAll('form[data-texts]')];
const isDirty = () =>
  forms.some((form) => [...form.querySelectorAll('textarea')].some((field) => field.value !== field.defaultValue));

/** Puts the parts of a page that was answered in place of those that are shown; what has not changed stays. */
function show(fresh) {
  // Something failed; what is shown is better than nothing.
  if (fresh.querySelector('[data-draft]') === null) return;
  const focused = document.activeElement?.getAttribute('href') ?? null;
  for (const part of document.querySelectorAll('[data-draft]')) {
    const next = fresh.getElementById(part.id);
    if (next === null) {
      part.replaceChildren();
      continue;
    }
    if (part.dataset.letter === undefined ? part.innerHTML === next.innerHTML : sameLetter(part, next)) continue;
    for (const open of part.querySelectorAll('details[open][id]')) {
      next.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '');
    }
    if (!swapFrames(part, next)) part.replaceWith(document.adoptNode(next));
  }
  const draft = fresh.getElementById('send-draft');
  if (draft !== null) document.getElementById('send-draft')?.setAttribute('value', draft.value);
  addInlineCopies();
  if (focused !== null && document.activeElement === document.body) {
    document.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function sameLetter(part, next) {
  return part.dataset.letter === next.dataset.letter && part.textContent === next.textContent;
}

/**
 * A mail that is shown stays until the next one has loaded, so that nothing flickers while one types; and while there is no
 * next one, for a placeholder is half typed most of the time.
 */
function swapFrames(part, next) {
  const shown = part.querySelector('iframe');
  const wanted = next.querySelector('iframe');
  if (shown === null) return false;
  part.dataset.letter = next.dataset.letter;
  part.querySelector('.why')?.remove();
  if (wanted === null) {
    const why = document.createElement('p');
    why.className = 'why notice alarm';
    why.textContent = `${next.textContent.trim()} Shown is the last one that could be made.`;
    part.prepend(why);
    return true;
  }
  const coming = document.adoptNode(wanted);
  coming.classList.add('coming');
  coming.addEventListener('load', () => {
    for (const each of part.querySelectorAll('iframe')) if (each !== coming) each.remove();
    coming.classList.remove('coming');
  });
  shown.after(coming);
  return true;
}

let latest = 0;

async function load(url, init) {
  const turn = ++latest;
  try {
    const answer = await fetch(url, init);
    const text = await answer.text();
    // A later one is on its way, or has come already.
    if (turn !== latest) return undefined;
    return new DOMParser().parseFromString(text, 'text/html');
  } catch {
    // The twin has gone; the event stream tries again by itself.
    return undefined;
  }
}

async function preview(form) {
  const body = new URLSearchParams(new FormData(form));
  body.set('act', 'preview');
  const fresh = await load(form.action, { method: 'POST', body });
  if (fresh !== undefined) show(fresh);
}

/** What is on disk has changed. Fields nobody has touched follow; the others are told apart when they are saved. */
async function reload() {
  const fresh = await load(location.pathname + location.search);
  if (fresh === undefined) return;
  // Somebody may have begun to type while it was loading.
  if (isDirty()) {
    const notices = document.getElementById('notices');
    notices?.replaceChildren(
      Object.assign(document.createElement('p'), {
        className: 'notice wait',
        textContent:
          'The files have changed on disk. What you have typed is kept; saving shows both where they differ.',
      }),
    );
    return;
  }
  for (const form of forms) {
    const kind = form.elements.namedItem('kind').value;
    const next = [...fresh.querySelectorAll('form[data-texts]')].find(
      (each) => each.elements.namedItem('kind').value === kind,
    );
    if (next === undefined) continue;
    const seen = next.querySelector('input[name="seen"]').value;
    form.querySelector('input[name="seen"]').value = seen;
    for (const field of form.querySelectorAll('textarea')) {
      const other = next.querySelector(`textarea[name="${CSS.escape(field.name)}"]`);
      if (other === null || other.defaultValue === field.defaultValue) continue;
      field.defaultValue = other.defaultValue;
      field.value = other.defaultValue;
    }
  }
  show(fresh);
}

let typing;
for (const form of forms) {
  form.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => void preview(form), PAUSE_MS);
  });
}

addEventListener('beforeunload', (event) => {
  if (isDirty() && !leaving) event.preventDefault();
});
let leaving = false;
document.addEventListener('submit', (event) => {
  if (forms.includes(event.target)) leaving = true;
});

/* Variables */

const variables = [...document.querySelectorAll('#variables dl > div')].map((entry) => ({
  path: entry.querySelector('dt').textContent.trim(),
  example: entry.querySelector('dd').textContent.trim(),
}));
const MOST_OFFERED = 8;
/** The beginning of a placeholder or condition before the cursor: the name that is being typed is its end. */
const OPEN = /\{[{%](?:[^{}%]*[\s(])?([\w.]*)$/u;

const list = document.createElement('ul');
list.className = 'offers';
list.id = 'offers';
list.setAttribute('role', 'listbox');
list.setAttribute('aria-label', 'Variables');
list.hidden = true;
const told = document.createElement('p');
told.className = 'hidden';
told.setAttribute('role', 'status');

let offered;

function close() {
  if (offered === undefined) return;
  offered.field.removeAttribute('aria-controls');
  offered.field.removeAttribute('aria-activedescendant');
  offered = undefined;
  list.hidden = true;
}

function mark(index) {
  offered.index = index;
  for (const [at, option] of [...list.children].entries()) option.setAttribute('aria-selected', String(at === index));
  list.children[index]?.scrollIntoView({ block: 'nearest' });
  offered.field.setAttribute('aria-activedescendant', `offer-${index}`);
}

function take(index) {
  const { field, begun } = offered;
  const { path } = offered.found[index];
  const at = field.selectionStart;
  const isPrinted = field.value.slice(0, at).lastIndexOf('{{') > field.value.slice(0, at).lastIndexOf('{%');
  const rest = field.value.slice(at);
  const start = at - begun.length;
  const gap = isPrinted && field.value.slice(0, start).endsWith('{{') ? ' ' : '';
  const end = isPrinted && !/^\s*\}\}/u.test(rest) ? ' }}' : '';
  close();
  field.setRangeText(`${gap}${path}${end}`, start, at, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  close();
}

function offer(field) {
  const before = field.selectionStart === field.selectionEnd ? field.value.slice(0, field.selectionStart) : '';
  const [, begun] = OPEN.exec(before) ?? [];
  if (begun === undefined) return close();
  const wanted = begun.toLowerCase();
  const found = variables
    .filter(({ path }) => path.toLowerCase().includes(wanted) && path !== begun)
    .toSorted((a, b) => Number(b.path.startsWith(begun)) - Number(a.path.startsWith(begun)))
    .slice(0, MOST_OFFERED);
  if (found.length === 0) return close();
  offered = { field, begun, found, index: 0 };
  list.replaceChildren(
    ...found.map(({ path, example }, index) => {
      const option = document.createElement('li');
      option.id = `offer-${index}`;
      option.setAttribute('role', 'option');
      const name = document.createElement('code');
      name.textContent = path;
      const small = document.createElement('small');
      small.textContent = example.length > 40 ? `${example.slice(0, 40)}…` : example;
      option.append(name, ' ', small);
      option.addEventListener('mousedown', (event) => {
        event.preventDefault();
        take(index);
      });
      return option;
    }),
  );
  field.after(list);
  list.hidden = false;
  field.setAttribute('aria-controls', 'offers');
  told.textContent = `${found.length} variables, up and down to choose, Enter to take`;
  mark(0);
}

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function onKey(event) {
  if (offered === undefined || event.isComposing) return;
  const step = STEPS[event.key];
  if (step !== undefined) mark((offered.index + step + offered.found.length) % offered.found.length);
  else if (event.key === 'Enter' || event.key === 'Tab') take(offered.index);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
}

if (variables.length > 0) {
  document.querySelector('.desk')?.append(told);
  for (const field of document.querySelectorAll('form[data-texts] textarea')) {
    field.setAttribute('aria-autocomplete', 'list');
    field.addEventListener('input', () => offer(field));
    field.addEventListener('keydown', onKey);
    field.addEventListener('blur', close);
  }
}

/* Places to copy */

async function copyPlace(place, button) {
  await navigator.clipboard.writeText(place.textContent);
  button.textContent = 'Copied';
}

function addInlineCopies() {
  for (const place of document.querySelectorAll('code[data-copy-inline]')) {
    if (place.nextElementSibling?.matches('button.copy')) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy ${place.textContent}`);
    button.addEventListener('click', () => void copyPlace(place, button));
    place.after(button);
  }
}

/** Opens what a link leads into. */
function reveal() {
  const target = location.hash === '' ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target?.closest('details:not([open])');
  if (closed) closed.open = true;
  if (target?.matches('textarea')) target.focus();
}

addInlineCopies();
reveal();
addEventListener('hashchange', reveal);
new EventSource('/templates/changes').addEventListener('message', () => void reload());
