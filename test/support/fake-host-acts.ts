import type { HostActs } from '../../shared/infected-hosts/host-acts.ts';
import type { IpAddress } from '../../shared/identity/address.ts';
import type { FeedName } from '../../shared/infected-hosts/host.ts';

/** Keeps what was said of hosts. Each poll or push in `causes` is the cause of these hosts, until it is undone. */
export function fakeHostActs(causes: Readonly<Record<string, readonly (readonly [IpAddress, FeedName])[]>> = {}) {
  const said: string[] = [];
  const undone = new Set<string>();
  const tell = async (line: string) => {
    said.push(line);
    return Promise.resolve({ outcome: 'done' as const, message: `${line}.` });
  };
  const acts: HostActs = {
    release: async (tenant, { ip, feed }, { name }) => tell(`${tenant} releases ${ip} of ${feed} by ${name}`),
    drop: async (tenant, { ip, feed }, { name }) => tell(`${tenant} drops ${ip} of ${feed} by ${name}`),
    approveLoss: async (tenant, feed, pollId, { name }) => tell(`${tenant} believes ${pollId} of ${feed} by ${name}`),
    rejectLoss: async (tenant, feed, pollId, { name }) => tell(`${tenant} doubts ${pollId} of ${feed} by ${name}`),
    letGo: async (tenant, { through, has }, { name }) => {
      for (const ip of new Set([...through, ...has])) await tell(`${tenant} lets go of ${ip} by ${name}`);
    },
    async undoHosts(tenant, cause, { limit }) {
      const all = (causes[`${tenant} ${cause}`] ?? []).filter(([ip]) => !undone.has(`${tenant} ${cause} ${ip}`));
      const hosts = all.slice(0, limit).map(([ip]) => {
        undone.add(`${tenant} ${cause} ${ip}`);
        return { ip, came: { came: 'done' as const, result: { outcome: 'undone' as const, message: `${ip} is silenced.` } } }; // prettier-ignore
      });
      return Promise.resolve({ hosts, left: all.length > limit ? 'some' : 'none' });
    },
  };
  return { acts, said };
}
