/** Keeps an open page up to date: its parts marked `data-live` are fetched anew when the twin says that something
 * happened. Everything works without it. */

/** What is counted with a delay on the server, such as the stages, is looked at once more after this. */
const FOLLOW_UP_MS = 4_000;

let following;
let running = false;
let again = false;

/** Somebody is reading closely: replacing the text would take the selection away. */
function isSelecting(part) {
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && part.contains(selection.anchorNode);
}

function replace(part, next) {
  const seen = new Set(Array.from(part.querySelectorAll('[id]'), ({ id }) => id));
  for (const open of part.querySelectorAll('details[open][id]')) {
    next.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute('open', '');
  }
  if (seen.size > 0) {
    for (const item of next.querySelectorAll('.mails > li[id]')) item.classList.toggle('arrived', !seen.has(item.id));
  }
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  part.replaceWith(next);
  if (focused !== null) next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const next = fresh.getElementById(part.id);
      if (next !== null && !isSelecting(part)) replace(part, document.adoptNode(next));
    }
    addCopyButtons();
  } catch {
    // The twin has gone; the event stream tries again by itself and brings the next change.
  } finally {
    running = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

function changed() {
  if (document.hidden) return;
  void refresh();
  clearTimeout(following);
  following = setTimeout(() => void refresh(), FOLLOW_UP_MS);
}

async function copy(command, button) {
  await navigator.clipboard.writeText(command.textContent);
  button.textContent = 'Copied';
}

function addCopyButtons() {
  for (const command of document.querySelectorAll('pre[data-copy]')) {
    if (command.nextElementSibling?.matches('button.copy')) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', () => void copy(command, button));
    command.after(button);
  }
}

addCopyButtons();
if (document.querySelector('[data-live]') !== null) {
  new EventSource('/changes').addEventListener('message', changed);
  document.addEventListener('visibilitychange', changed);
}
