/** Workers that are ended in the middle of posts of many entries, round after round, whose senders repeat them. */
import { seededChance } from '../simulators/behaviour.ts';
import { type Fate, passed } from './fault-proxy.ts';
import type { UnderFaults } from './harness.ts';
import { entryXml, postXml, tenants } from './load.ts';
import { compare, expectedOf, observationsIn, standingIn, type Wrong } from './oracle.ts';
import { deliver } from './senders.ts';

export interface KillRun {
  readonly rounds: number;
  readonly killed: number;
  /** Attempts that were answered 503 before a post was taken. */
  readonly repeated: number;
  readonly entries: number;
  readonly wrong: readonly Wrong[];
}

const postsAtOnce = 3;
const entriesOfPost = 90;
const addressesOfRound = 40;
const users = ['alice', 'bob', 'carol', 'dave'] as const;

/** Ends as many workers as are asked for; a round in which none was busy any more is not counted. */
export async function killRun(service: UnderFaults, seed: number, kills: number): Promise<KillRun> {
  const chance = seededChance(seed);
  const below = (count: number) => Math.floor(chance() * count);
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const told = { acme: [] as string[], globex: [] as string[] };
  let [rounds, killed, repeated] = [0, 0, 0];

  const postOf = (round: number) =>
    postXml(
      Array.from({ length: entriesOfPost }, () => {
        const ip = `10.${210 + Math.floor(round / 200)}.${round % 200}.${1 + below(addressesOfRound)}`;
        const timestamp = new Date(now - 1_000 * below(1_800)).toISOString();
        const user = users[below(users.length)];
        return chance() < 0.75 ? entryXml('logon', ip, user, { timestamp }) : entryXml('logoff', ip, undefined, { timestamp }); // prettier-ignore
      }),
    );

  for (; killed < kills && rounds < 2 * kills; rounds += 1) {
    const tenant = tenants[rounds % tenants.length] ?? 'acme';
    const posts = Array.from({ length: postsAtOnce }, () => postOf(rounds));
    told[tenant].push(...posts);
    const dies = { at: 2 + below(14), when: oneOf(chance, ['before', 'after'] as const) };
    let seen = 0;
    service.proxies.dynamodb.decide(() => {
      seen += 1;
      return seen === dies.at ? killing(dies.when) : passed;
    });
    const delivered = await Promise.all(
      posts.map(async (body, index) => deliver(service.url, service.senders[tenant][index] ?? '', body)),
    );
    repeated += delivered.reduce((sum, { before }) => sum + before.length, 0);
  }
  service.relent();

  /** At this request of the round, before the engine has it or when it has done it. */
  function killing(when: 'before' | 'after'): Fate {
    const kill = async () => {
      if ((await service.runtime.killOneWorker('PostEntries')) === 'killed') killed += 1;
    };
    return async (exchange) => {
      if (when === 'before') await kill();
      const done = await exchange.forward();
      if (when === 'after') await kill();
      exchange.answer(done);
    };
  }

  const wrong: Wrong[] = [];
  let entries = 0;
  for (const tenant of tenants) {
    const observations = observationsIn(told[tenant], now);
    entries += observations.length;
    const isMeant = (ip: string) => /^10\.21\d\./.test(ip);
    const found = await standingIn(service.url, service.as('operator', tenant), isMeant);
    wrong.push(...compare(expectedOf(observations), found));
  }
  return { rounds, killed, repeated, entries, wrong };
}

const oneOf = <Each>(chance: () => number, [one, other]: readonly [Each, Each]): Each => (chance() < 0.5 ? one : other);
