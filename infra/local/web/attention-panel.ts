/** Who needs a person, and the button that says that somebody has taken care of it. */
import type { Attention } from '../../../shared/lifecycle/customer/profile.ts';
import { attentionInWords } from '../../../shared/lifecycle/explain/attention-words.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import { moment } from './frame.ts';
import { customerPath } from './paths.ts';

export interface Asked {
  readonly customerId: string;
  readonly attention: Attention;
}

/** A page of a shop with more than this open has another problem than the length of this list. */
const MOST_SHOWN = 20;
const URGENCY = { high: 0, normal: 1, low: 2 } as const satisfies Record<Attention['priority'], number>;

/** The most urgent first, among those the newest. */
function inOrder(asked: readonly Asked[]): readonly Asked[] {
  return asked.toSorted(
    (a, b) =>
      URGENCY[a.attention.priority] - URGENCY[b.attention.priority] ||
      b.attention.at - a.attention.at ||
      (a.attention.id < b.attention.id ? -1 : 1),
  );
}

function item({ customerId, attention }: Asked, from: 'overview' | 'customer', now: Instant): Html {
  const { id, reason, priority, at } = attention;
  return html`<li class="${priority}">
    ${from === 'overview' && html`<a class="id" href="${customerPath(customerId)}">${customerId}</a>`}
    <span class="why">${capital(attentionInWords(reason))}</span>
    ${priority === 'high' && html`<span class="chip dissatisfied">Urgent</span>`} ${moment(at, now)}
    <form method="post" action="/attention">
      <input type="hidden" name="customer" value="${customerId}" />
      <input type="hidden" name="attention" value="${id}" />
      <input type="hidden" name="from" value="${from}" />
      <button>Handled<span class="hidden">: ${customerId}, ${attentionInWords(reason)}</span></button>
    </form>
  </li>`;
}

/** For the overview: everybody. */
export function attentionPanel(asked: readonly Asked[], now: Instant): Html {
  const shown = inOrder(asked).slice(0, MOST_SHOWN);
  const rest = asked.length - shown.length;
  return html`<section class="panel wide" id="attention" data-live aria-labelledby="attention-title">
    <h2 id="attention-title">Needs a person <small>${plural(asked.length, 'open request')}</small></h2>
    ${
      shown.length === 0
        ? html`<p class="quiet">Nobody. “Attention Needed” goes out on the bus, too, for the helpdesk.</p>`
        : html`<ul class="attention">
            ${shown.map((each) => item(each, 'overview', now))}
          </ul>`
    }
    ${rest > 0 && html`<p class="quiet">and ${rest.toLocaleString('en')} more</p>`}
  </section>`;
}

/** For the page of one customer; nothing when nobody is asked for. */
export function attentionOf(asked: readonly Asked[], now: Instant): Part {
  if (asked.length === 0) return undefined;
  return html`<section class="panel wide" aria-labelledby="attention-title">
    <h2 id="attention-title">Needs a person</h2>
    <ul class="attention">
      ${inOrder(asked).map((each) => item(each, 'customer', now))}
    </ul>
  </section>`;
}
