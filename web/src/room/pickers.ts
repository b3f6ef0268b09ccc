import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { KINDS, type Choice, type Kind } from '../media/devices.js';
import { canChooseSpeaker } from '../media/speakers.js';
import { controls } from '../ui/controls.js';
import type { Controller } from './controller.js';
import type { State } from './state.js';

/** One list per kind of device that can be chosen. */
@customElement('parley-pickers')
export class Pickers extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: var(--s3);
      }
      select {
        text-overflow: ellipsis;
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;

  override render(): TemplateResult {
    const { devices, may } = this.state;
    const kinds = KINDS.filter((kind) => may.includes(kind));
    return html`
      ${kinds.map((kind) => this.#picker(kind, kind === 'mic' ? en.lobby.microphone : en.lobby.camera, devices[kind]))}
      ${canChooseSpeaker() ? this.#picker('speaker', en.lobby.speaker, devices.speaker) : nothing}
    `;
  }

  #picker(kind: Kind | 'speaker', label: string, from: Choice[]): TemplateResult | typeof nothing {
    if (from.length === 0) return nothing;
    const chosen = this.room.chosen(kind);
    return html`
      <div>
        <label for=${kind}>${label}</label>
        <select id=${kind} @change=${(event: Event) => this.room.choose(kind, (event.target as HTMLSelectElement).value)}>
          ${from.map((one) => html`<option value=${one.id} ?selected=${one.id === chosen}>${one.label}</option>`)}
        </select>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-pickers': Pickers;
  }
}
