import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { en } from '../i18n/en.js';
import { canShareScreen, type Kind } from '../media/devices.js';
import { controls } from '../ui/controls.js';
import { icon, type IconName } from '../ui/icon.js';
import type { Controller } from './controller.js';
import { dialogStyle } from './dialog.js';
import './pickers.js';
import { publishing, type State } from './state.js';

interface Button {
  name: string;
  word: string;
  icon: IconName;
  press: () => void;
  off?: boolean;
  busy?: boolean;
  danger?: boolean;
  expanded?: boolean;
  badge?: number;
}

/** What one can do in the room. A button's name says what pressing it does; nothing depends on colour or on a picture. */
@customElement('parley-bar')
export class Bar extends LitElement {
  static override styles = [
    controls,
    dialogStyle,
    css`
      [role='toolbar'] {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: clamp(var(--s1), 2vw, var(--s2));
        padding: var(--s3) 0;
      }
      @media (max-height: 30rem) {
        [role='toolbar'] {
          padding: var(--s1) 0;
        }
      }
      button {
        min-width: 3rem;
        min-height: 3rem;
        padding: 0 var(--s3);
        border-color: var(--stage-line);
        background: var(--stage-raised);
      }
      button.off {
        border-color: var(--stage-ink);
        background: var(--stage-ink);
        color: var(--stage);
      }
      button.off:hover:not(:disabled) {
        background: #d9dbdb;
      }
      button.danger {
        border-color: var(--stage-danger);
        background: var(--stage-danger);
        color: #ffffff;
        font-weight: 600;
      }
      button.danger:hover:not(:disabled) {
        background: #b5322d;
      }
      .word {
        display: none;
      }
      .danger .word {
        display: inline;
      }
      button {
        position: relative;
      }
      .badge {
        position: absolute;
        top: -0.35rem;
        right: -0.35rem;
        min-width: 1.4rem;
        padding: 0 0.3rem;
        border-radius: 0.7rem;
        background: var(--stage-accent);
        color: var(--stage);
        font-size: var(--fs-0);
        font-weight: 700;
        line-height: 1.4rem;
      }
      /* Six buttons fit a screen of 320 pixels. */
      @media (max-width: 26rem) {
        button {
          min-width: var(--target);
          padding: 0 var(--s2);
        }
        .danger .word {
          display: none;
        }
      }
      @media (min-width: 48rem) {
        .word {
          display: inline;
        }
      }
      dialog {
        width: min(26rem, calc(100vw - 2 * var(--s4)));
      }
      h2 {
        margin-bottom: var(--s4);
      }
      dialog button {
        margin-top: var(--s4);
      }
    `,
  ];

  @property({ attribute: false }) room!: Controller;
  @property({ attribute: false }) state!: State;
  @query('dialog') private readonly dialog!: HTMLDialogElement;

  override render(): TemplateResult {
    const { may } = this.state;
    return html`
      <div role="toolbar" aria-label=${en.room.controls}>
        ${may.includes('mic') ? this.#device('mic') : nothing} ${may.includes('camera') ? this.#device('camera') : nothing}
        ${may.includes('screen') && canShareScreen() ? this.#share() : nothing}
        ${this.#record()}
        ${this.#chat()}
        ${this.#button({ name: en.room.devices, word: en.room.short.devices, icon: 'devices', press: () => this.dialog.showModal() })}
        ${this.#button({ name: en.room.leave, word: en.room.short.leave, icon: 'leave', danger: true, press: () => this.room.dispatch({ type: 'leave' }) })}
      </div>
      <dialog aria-labelledby="devices" closedby="any">
        <h2 id="devices">${en.room.devices}</h2>
        <parley-pickers .room=${this.room} .state=${this.state}></parley-pickers>
        <button @click=${() => this.dialog.close()}>${en.room.close}</button>
      </dialog>
    `;
  }

  #device(kind: Kind): TemplateResult {
    const { asking } = this.state.own[kind];
    const on = publishing(this.state).includes(kind);
    const names = kind === 'mic' ? [en.room.mute, en.room.unmute] : [en.room.cameraOff, en.room.cameraOn];
    return this.#button({
      name: (on ? names[0] : names[1]) ?? '',
      word: en.room.short[kind],
      icon: on ? kind : `${kind}-off`,
      off: !on,
      busy: asking,
      press: () => this.room.dispatch({ type: 'set', kind, on: !on }),
    });
  }

  #share(): TemplateResult {
    const { share } = this.state;
    const on = share === 'picture' || share === 'picture+sound';
    return this.#button({
      name: on ? en.room.unshare : en.room.share,
      word: on ? en.room.short.stop : en.room.short.share,
      icon: on ? 'screen-off' : 'screen',
      busy: share === 'asking',
      press: () => this.room.dispatch({ type: 'share' }),
    });
  }

  /** Interviewers may ask; what there is to do about a recording under way is said beside its state. */
  #record(): TemplateResult | typeof nothing {
    const { you, interview } = this.state;
    if (you?.role !== 'interviewer' || interview?.recording?.state !== 'none' || interview.state !== 'live') return nothing;
    return this.#button({
      name: en.recording.ask,
      word: en.recording.record,
      icon: 'record',
      press: () => this.room.dispatch({ type: 'propose', on: !this.state.proposing }),
    });
  }

  #chat(): TemplateResult {
    const { open, unread } = this.state.chat;
    return this.#button({
      name: open ? en.chat.hide : en.chat.show(unread),
      word: en.chat.short,
      icon: 'chat',
      expanded: open,
      badge: unread,
      press: () => this.room.dispatch({ type: 'chat', open: !open }),
    });
  }

  /** Brings the keyboard back to the button that the messages were opened with. */
  focusChat(): void {
    this.renderRoot.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  }

  #button(b: Button): TemplateResult {
    return html`
      <button
        type="button"
        class=${`${b.off ? 'off' : ''} ${b.danger ? 'danger' : ''}`}
        aria-label=${b.name}
        title=${b.name}
        ?disabled=${b.busy ?? false}
        aria-expanded=${b.expanded ?? nothing}
        @click=${b.press}
      >
        ${icon(b.icon)}<span class="word" aria-hidden="true">${b.word}</span>
        ${b.badge ? html`<span class="badge" aria-hidden="true">${b.badge > 99 ? '99+' : b.badge}</span>` : nothing}
      </button>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-bar': Bar;
  }
}
