import { LitElement, css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { people } from './backend.js';
import { look } from './look.js';
import { addressOf } from './place.js';
import type { Person } from './state.js';

/** The first page: who would you like to be? A real app would ask you to sign in. */
@customElement('demo-landing')
export class Landing extends LitElement {
  @state() private people: Person[] | null = null;
  @state() private problem = '';

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private async load(): Promise<void> {
    this.problem = '';
    try {
      this.people = await people();
    } catch (error) {
      this.problem = (error as Error).message;
    }
  }

  protected override render() {
    return html`
      <main>
        <h1>Worktable</h1>
        <p class="lead">
          A small messaging app for a marketplace, where a client interviews freelancers by video or by voice. It shows
          how an app builds on Parley.
        </p>
        ${this.people ? this.renderPeople(this.people) : nothing}
        <p class="error" role="alert">${this.problem ? this.renderProblem() : nothing}</p>
        <p class="muted">
          To try it alone, open two tabs: the client in one, the freelancer in the other. This is a demonstration:
          nobody signs in, so anybody with this address can be anybody.
        </p>
      </main>
    `;
  }

  private renderProblem() {
    return html`${this.problem} <button class="quiet" @click=${() => this.load()}>Try again</button>`;
  }

  private renderPeople(all: Person[]) {
    const client = all.find((person) => person.side === 'client');
    const freelancer = all.find((person) => person.side === 'freelancer');
    const chief = [client, freelancer].filter((person) => person !== undefined);
    const others = all.filter((person) => !chief.includes(person));
    return html`
      <nav aria-label="Who you are">
        <ul class="chief">
          ${chief.map((person) => html`<li><a href=${addressOf({ as: person.id, thread: '' })}>
            Continue as ${person.name}, the ${person.side}
          </a></li>`)}
        </ul>
        ${others.length === 0 ? nothing : html`<ul class="others" aria-label="Other people">
          ${others.map((person) => html`<li><a href=${addressOf({ as: person.id, thread: '' })}>
            ${person.name}, ${person.side === 'client' ? 'a client' : 'another freelancer'}
          </a></li>`)}
        </ul>`}
      </nav>
    `;
  }

  static override styles = [look, css`
    :host { display: block }
    main { display: grid; gap: var(--s5); max-width: 44rem; margin: 0 auto; padding: var(--s6) var(--s4) }
    h1 { font-size: clamp(var(--fs-3), 6vw, 2.5rem); letter-spacing: -.01em }
    .lead { font-size: var(--fs-2); max-width: 36em }
    nav { display: grid; gap: var(--s4) }
    .chief { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)) }
    .chief a {
      display: grid; align-content: end; min-height: 9rem; height: 100%; padding: var(--s4);
      border: 1px solid var(--line-strong); border-inline-start: 6px solid var(--accent); border-radius: var(--r3);
      background: var(--surface); color: var(--ink); font-size: var(--fs-2); font-weight: 600; text-decoration: none;
    }
    .chief a:hover { background: var(--accent-soft); text-decoration: underline }
    .others { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s4) }
    .others a { display: inline-block; padding: var(--s2) 0 }
    .error:empty { display: none }
  `];
}
