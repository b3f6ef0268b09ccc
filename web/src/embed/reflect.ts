/** The properties that mirror a text attribute, and the attribute's name. */
export const strings = {
  thread: 'thread',
  callUrl: 'call-url',
  modes: 'modes',
  label: 'label',
  state: 'state',
  waitingName: 'waiting-name',
  user: 'user',
} as const;

/** The properties that mirror an attribute of the same name which is there or not. */
export const booleans = ['compact', 'disabled'] as const;

/** Gives a prototype the properties above, in the way the built-in elements have theirs. */
export function reflect(prototype: HTMLElement): void {
  for (const [property, attribute] of Object.entries(strings)) {
    Object.defineProperty(prototype, property, {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement) {
        return this.getAttribute(attribute) ?? '';
      },
      set(this: HTMLElement, value: unknown) {
        if (value === null || value === undefined) this.removeAttribute(attribute);
        else this.setAttribute(attribute, String(value));
      },
    });
  }
  for (const name of booleans) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement) {
        return this.hasAttribute(name);
      },
      set(this: HTMLElement, value: unknown) {
        this.toggleAttribute(name, Boolean(value));
      },
    });
  }
}
