import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { early } from '../i18n/early.js';
import type { Interview, Timing } from '../signal/wire.js';
import { beside, dayText, placeOf, spanText } from '../time/words.js';
import { knows, zoneHere } from '../time/zone.js';

/** When an interview is, in one's own time zone and in those of the others. */
@customElement('parley-when')
export class When extends LitElement {
  static override styles = css`
    :host {
      display: grid;
      gap: var(--s1);
    }
    p {
      margin: 0;
    }
    .own {
      font-size: var(--fs-2);
      font-weight: 700;
      line-height: 1.3;
    }
    .own span {
      display: block;
      font-size: var(--fs-0);
      font-weight: 400;
    }
    span {
      color: var(--ink-muted);
    }
  `;

  @property({ attribute: false }) interview!: Interview;
  @property({ attribute: false }) people: Timing['people'] = [];
  @property() me = '';

  override render(): TemplateResult | typeof nothing {
    const { starts_at, duration_min } = this.interview;
    if (!starts_at) return nothing;
    const at = new Date(starts_at);
    const own = zoneHere();
    return html`
      <p class="own">
        <time datetime=${starts_at}>${dayText(at, own)}, ${spanText(at, duration_min ?? 0, own)}</time>
        <span>${early.yours(placeOf(own))}</span>
      </p>
      ${this.people.map(({ id, name, time_zone: zone }) => {
        if (id === this.me || !zone || !knows(zone)) return nothing;
        const theirs = beside(at, own, zone);
        if (!theirs) return html`<p>${early.sameTime(name)}</p>`;
        return html`<p><time datetime=${starts_at}>${theirs}</time> <span>${early.theirs(name, placeOf(zone))}</span></p>`;
      })}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-when': When;
  }
}
