import { expect } from '@playwright/test';
import { Call, pairs, path, tell, test } from './calls.js';
import { enter, NETWORKS } from './lab.js';

/** The way that each network leaves, first to last choice; more than one where browsers may differ. */
const WAYS: Record<string, string[]> = {
  'home router': ['direct'],
  'full cone NAT': ['direct'],
  'symmetric NAT': ['direct'],
  'UDP blocked': ['relay/tcp', 'relay/tls'],
  'only TCP 443': ['relay/tcp', 'relay/tls'],
  'only TLS on 443': ['relay/tls'],
  'only a proxy': ['relay/tcp', 'relay/tls'],
  'only a proxy with a password': ['relay/tcp', 'relay/tls'],
};

for (const [n, network] of NETWORKS.entries()) {
  for (const pair of pairs) {
    test(`${network.name}: ${pair.join(' with ')}`, async ({ internet, browsers }, info) => {
      enter(NETWORKS[0]!);
      const links = await internet.invite(`t_${n}_${pair.join('_')}_${info.retry}`);
      enter(network);
      const call = new Call();
      try {
        for (const [i, engine] of pair.entries()) {
          const page = await call.arrive(await browsers(engine, i, network.proxy), links[i]!, network.proxy);
          const verdict = network.blocked ? 'Your network blocks calls entirely.' : WAYS[network.name]![0] === 'direct' ? 'Your network lets calls through.' : 'Your network blocks direct calls.';
          await expect(page.getByText(verdict)).toBeVisible();
          if (network.blocked) tell(`| ${network.name} | ${engine} | none: ${verdict} | |`);
        }
        if (network.blocked) return;
        await call.meet();
        const rows: string[] = [];
        for (const [i, { page }] of call.rooms.entries()) {
          const { way, ms } = await path(page);
          expect(WAYS[network.name], `the way of ${pair[i]}`).toContain(way);
          rows.push(`| ${network.name} | ${pair[i]} | ${way} | ${ms} |`);
        }
        for (const row of rows) tell(row);
      } catch (error) {
        await info.attach('server log', { body: internet.log });
        throw error;
      } finally {
        await call.end();
      }
    });
  }
}
