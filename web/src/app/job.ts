import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Backend } from './backend.js';
import type { Press } from '../embed/call.js';
import { messagesOf } from './embedded.js';
import { look } from './look.js';
import { addressOf, type OpenThread } from './place.js';
import { interviewsOf, lastMessage, openInterview, type Proposal, type State, type Thread } from './state.js';
import { callText } from './text.js';
import { plansText } from './times.js';

/** The job post with its proposals. A client answers one with `Send message`, which opens its thread. */
@customElement('demo-job')
export class Job extends LitElement {
  @property({ attribute: false }) backend!: Backend;
  @property({ attribute: false }) state!: State;
  /** The thread that is open beside it. */
  @property() thread = '';

  @state() private opening = '';
  @state() private problem: { proposal: string; message: string } | null = null;

  protected override render() {
    const { job, me, proposals } = this.state;
    return html`
      <section aria-labelledby="job">
        <p class="muted">${me.side === 'client' ? 'Your job post' : 'Job post'}</p>
        <h2 id="job">${job.title}</h2>
        <p>${job.description}</p>
      </section>
      <section aria-labelledby="proposals">
        <h2 id="proposals">${me.side === 'client' ? `Proposals (${proposals.length})` : 'Your proposal'}</h2>
        ${proposals.length === 0 ? html`<p>There are none yet.</p>` : nothing}
        <ul>${proposals.map((proposal) => html`<li>${this.renderProposal(proposal)}</li>`)}</ul>
      </section>
    `;
  }

  private renderProposal(proposal: Proposal) {
    const client = this.state.me.side === 'client';
    const thread = this.state.threads.find((one) => one.id === proposal.thread);
    const failed = this.problem?.proposal === proposal.id ? this.problem.message : '';
    return html`
      <article aria-labelledby="name-${proposal.id}" class=${thread && thread.id === this.thread ? 'current' : ''}>
        <h3 id="name-${proposal.id}">
          <span>${proposal.freelancer.name}</span><span class="rate">${proposal.rate}</span>
        </h3>
        <p class="call">${thread ? this.openText(thread) : ''}</p>
        <p>${proposal.cover}</p>
        ${thread ? this.renderThread(thread) : client ? this.renderAnswer(proposal) : html`
          <p class="muted">The client has not written yet. The messages appear here by themselves.</p>`}
        <p class="error" role="alert">${failed}</p>
      </article>
    `;
  }

  private renderAnswer(proposal: Proposal) {
    const busy = this.opening === proposal.id;
    return html`<button aria-describedby="name-${proposal.id}" aria-disabled=${busy ? 'true' : nothing}
      @click=${() => this.open(proposal)}>Send message</button>`;
  }

  private renderThread(thread: Thread) {
    return html`
      <p class="last muted">${lastMessage(thread)}</p>
      <details>
        <summary>Show the thread here</summary>
        <parley-thread lang="en-GB" thread=${thread.id} user=${this.state.me.id} modes=${this.state.modes.join(' ')} label=${`Messages with ${thread.with.name}`}
          .messages=${messagesOf(thread, this.state.me)} .interviews=${interviewsOf(thread)}
          .send=${(text: string) => this.backend.write(thread.id, text)}
          .request=${({ mode }: Press) => this.backend.call(thread.id, mode)}></parley-thread>
      </details>
      <a class="button quiet" href=${addressOf({ as: this.state.me.id, thread: thread.id })}
        aria-current=${thread.id === this.thread ? 'true' : nothing} @click=${this.follow}>
        Messages with ${thread.with.name}
      </a>
    `;
  }

  /** Comes first in the proposal: it is what somebody with a small screen must not miss. */
  private openText(thread: Thread): string {
    const interview = openInterview(thread);
    return interview ? callText(interview, { me: this.state.me.id, other: thread.with }) : plansText(thread, this.state.me);
  }

  private async open(proposal: Proposal): Promise<void> {
    if (this.opening) return;
    this.opening = proposal.id;
    this.problem = null;
    try {
      const { thread } = await this.backend.openThread(proposal.id);
      this.go({ thread, write: true });
    } catch (error) {
      this.problem = { proposal: proposal.id, message: (error as Error).message };
    } finally {
      this.opening = '';
    }
  }

  /** Follows a link within the page; a click that asks for a new tab is left to the browser. */
  private follow(event: MouseEvent): void {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { searchParams } = new URL((event.currentTarget as HTMLAnchorElement).href);
    this.go({ thread: searchParams.get('thread') ?? '', write: false });
  }

  private go(detail: OpenThread): void {
    this.dispatchEvent(new CustomEvent('open-thread', { detail, bubbles: true, composed: true }));
  }

  static override styles = [look, css`
    :host { display: grid; gap: var(--s5); align-content: start }
    section { display: grid; gap: var(--s2) }
    h2 { font-size: var(--fs-2) }
    ul { display: grid; gap: var(--s3) }
    article {
      display: grid; gap: var(--s2); justify-items: start; padding: var(--s4);
      border: 1px solid var(--line); border-radius: var(--r2); background: var(--surface);
    }
    article.current { border-color: var(--accent); box-shadow: inset 4px 0 0 var(--accent) }
    h3 { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--s3); width: 100%; font-size: var(--fs-1) }
    .rate { font-weight: 400; font-variant-numeric: tabular-nums }
    .last { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
    .last:empty, .call:empty, .error:empty { display: none }
    details { width: 100% }
    summary { min-height: var(--target); padding-block: var(--s2); cursor: pointer }
    .call { font-weight: 600; color: var(--accent) }
  `];
}
