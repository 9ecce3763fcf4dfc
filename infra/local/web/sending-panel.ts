/** Whether mail goes out: pauses with their buttons, stops, and how much has been used of the day. */
import { isPaused, type Lane } from '../../../shared/lifecycle/lane.ts';
import {
  pausesInWords,
  stopOfLane,
  usageInWords,
  warmUpInWords,
} from '../../../shared/lifecycle/explain/lane-words.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import { absolute } from '../../../shared/lifecycle/explain/when.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';

const USUAL_ENDPOINT = 'http://127.0.0.1:4580';

/** On every page while anything is paused or stopped. */
export function laneBanner(lane: Lane | undefined, endpoint: string, now: Instant): Part {
  if (lane === undefined) return undefined;
  const paused = pausesInWords(lane);
  const stop = stopOfLane(lane, now);
  if (paused.length === 0 && stop === undefined) return undefined;
  const [programme, ...more] = Object.keys(lane.paused.programmes);
  const what =
    lane.paused.all === undefined && programme !== undefined && more.length === 0
      ? `--programme ${programme}`
      : '--all';
  const where = endpoint === USUAL_ENDPOINT ? '' : ` --endpoint ${endpoint}`;
  return html`<div class="banner" role="status">
    <div class="inner">
      ${
        paused.length > 0 &&
        html`<p>
          <strong>Paused:</strong> ${paused.join('; ')}. Resume: <code>npm run resume -- ${what}${where}</code>
        </p>`
      }
      ${stop !== undefined && html`<p>${stop}.</p>`}
    </div>
  </div>`;
}

function form(act: 'pause' | 'resume', programme: string, label: string, about: string): Html {
  return html`<form method="post" action="/lane">
    <input type="hidden" name="act" value="${act}" />
    <input type="hidden" name="programme" value="${programme}" />
    <button>${label}<span class="hidden"> ${about}</span></button>
  </form>`;
}

/** @param programmes those of the playbook */
export function sendingPanel(lane: Lane | undefined, programmes: readonly string[], now: Instant): Part {
  if (lane === undefined) return undefined;
  const { all } = lane.paused;
  const stop = stopOfLane(lane, now);
  const facts = [
    stop ?? (all === undefined ? 'SES takes mail' : undefined),
    usageInWords(lane, now),
    warmUpInWords(lane),
  ];
  return html`<section class="panel wide" id="sending" data-live aria-labelledby="sending-title">
    <h2 id="sending-title">Sending <small>${all === undefined ? 'on' : `paused since ${absolute(all)}`}</small></h2>
    <p class="quiet">${facts.filter((each) => each !== undefined).join(' · ')}</p>
    <ul class="switches">
      <li class="${all === undefined ? 'on' : 'off'}">
        <span>Everything</span>
        ${all === undefined ? form('pause', '', 'Pause', 'everything') : form('resume', '', 'Resume', 'everything')}
      </li>
      ${programmes.map((id) => {
        const single = lane.paused.programmes[id];
        return html`<li class="${isPaused(lane, id) ? 'off' : 'on'}">
          <span>${capital(id)}</span>
          ${single !== undefined && form('resume', id, 'Resume', id)}
          ${single === undefined && all === undefined && form('pause', id, 'Pause', id)}
        </li>`;
      })}
    </ul>
  </section>`;
}
