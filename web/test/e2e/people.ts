import { type BrowserContext, expect, type Page } from '@playwright/test';

/** A person in the messaging app. */
export class Person {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Comes to the app by its front door and says who they are. */
  static async arrive(context: BrowserContext, link: RegExp): Promise<Person> {
    const page = await context.newPage();
    await page.goto('/');
    await page.getByRole('link', { name: link }).click();
    return new Person(page);
  }

  static client(context: BrowserContext): Promise<Person> {
    return Person.arrive(context, /Continue as Clara Novak/);
  }

  static freelancer(context: BrowserContext): Promise<Person> {
    return Person.arrive(context, /Continue as Femi Adeyemi/);
  }

  /** Answers Femi's proposal, which opens the thread. */
  async sendMessage(): Promise<void> {
    const proposal = this.page.getByRole('article', { name: /Femi Adeyemi/ });
    await proposal.getByRole('button', { name: 'Send message' }).click();
    await expect(this.thread).toBeVisible();
  }

  get thread() {
    return this.page.locator('demo-thread');
  }

  /** The latest interview card. */
  get card() {
    return this.page.locator('demo-card').last();
  }

  async write(text: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Write a message' }).fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Presses the call button, which opens the room in a tab of its own. */
  async start(mode: 'video' | 'audio' | 'zoom'): Promise<Room> {
    const name = mode === 'zoom' ? 'Start interview in Zoom' : `Start ${mode} interview`;
    return this.#open(() => this.page.getByRole('button', { name }).click());
  }

  /** Presses Join on the card. */
  async join(): Promise<Room> {
    return this.#open(() => this.card.getByRole('button', { name: 'Join', exact: true }).click());
  }

  /** Presses Return on the card of an interview one is in already. */
  async return(): Promise<Room> {
    return this.#open(() => this.card.getByRole('button', { name: 'Return', exact: true }).click());
  }

  async #open(press: () => Promise<void>): Promise<Room> {
    const [tab] = await Promise.all([this.page.context().waitForEvent('page'), press()]);
    await tab.waitForURL(/\/r\//);
    return new Room(tab);
  }
}

/** The room's tab: the lobby first, then the room, then the end. */
export class Room {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The tile of somebody else. */
  tile(participant: 'client' | 'freelancer') {
    return this.page.locator(`parley-tile[data-participant=${participant}]`);
  }

  /** What is written in the room. */
  get log() {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  get field() {
    return this.page.getByRole('textbox', { name: 'Write a message' });
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press('Enter');
  }

  async enter(): Promise<void> {
    await this.button('Join now').click();
    await expect(this.button('Leave')).toBeVisible();
  }

  async leave(): Promise<void> {
    await this.button('Leave').click();
    await expect(this.button('Leave')).toBeHidden();
  }
}
