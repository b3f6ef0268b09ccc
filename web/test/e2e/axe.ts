import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page } from '@playwright/test';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** Expects no violation of the WCAG 2.2 AA rules that a machine can check, in the page as it stands. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(source);
  const violations = await page.evaluate(async (values) => {
    const { axe } = window as unknown as { axe: { run(context: Document, options: object): Promise<Results> } };
    interface Results {
      violations: { id: string; help: string; nodes: { target: unknown; failureSummary: string }[] }[];
    }
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values } });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map((node) => `${JSON.stringify(node.target)}: ${node.failureSummary}`),
    }));
  }, rules);
  expect(violations, `accessibility of ${what}`).toEqual([]);
}
