/** Says that something takes its time, on the button that was pressed, and takes no second press. Everything works without it. */

function rest(form) {
  const button = form.querySelector('button[aria-disabled]');
  if (button === null) return;
  button.replaceChildren(...form.rested);
  button.removeAttribute('aria-disabled');
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  const { working } = form.dataset;
  if (working === undefined) return;
  const button = form.querySelector('button');
  if (button.hasAttribute('aria-disabled')) {
    event.preventDefault();
    return;
  }
  form.rested = [...button.childNodes];
  button.setAttribute('aria-disabled', 'true');
  button.replaceChildren(working);
});

// Somebody has come back to this page from what the button led to.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-working]')) rest(form);
});
