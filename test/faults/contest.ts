/** Writers that all tell of the same addresses at the same moment, each of another instant: the newest must stand. */
import { setTimeout as wait } from 'node:timers/promises';
import { seededChance } from '../simulators/behaviour.ts';
import { type Exchange, type Fate, passed } from './fault-proxy.ts';
import type { UnderFaults } from './harness.ts';
import { entryXml, postXml, tenants } from './load.ts';
import { compare, expectedOf, observationsIn, standingIn, type Wrong } from './oracle.ts';
import { deliver } from './senders.ts';

export interface Contest {
  /** Addresses of this contest alone begin with `10.<number>.`; the seed of its delays, too. */
  readonly number: number;
  readonly writers: number;
  /** Posts of each writer, one after another, and entries of each post. */
  readonly posts: number;
  readonly entries: number;
  /** How each write goes on once it has waited for its chance. */
  readonly writes: Fate;
}

/** What stands where the newest should. Every address is told of once before, so that all of it is replaced. */
export async function contest(service: UnderFaults, { number, writers, posts, entries, writes }: Contest) {
  const { url } = service;
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const bodyOf = (post: number, writer: number) =>
    postXml(
      Array.from({ length: entries }, (_, index) =>
        entryXml('logon', `10.${number}.${post}.${1 + index}`, `writer-${writer}`, {
          timestamp: new Date(now - 60_000 + writer * 1_000).toISOString(),
        }),
      ),
    );
  const numbers = Array.from({ length: writers }, (_, writer) => writer + 1);
  const isMeant = (ip: string) => ip.startsWith(`10.${number}.`);
  const wrong: Wrong[] = [];
  for (const tenant of tenants) {
    const told: string[] = [];
    const tell = async (post: number, writer: number) => {
      const body = bodyOf(post, writer);
      told.push(body);
      await deliver(url, service.senders[tenant][writer % service.senders[tenant].length] ?? '', body);
    };
    for (let post = 0; post < posts; post += 1) {
      await tell(post, 0);
      service.proxies.dynamodb.decide((exchange) => lateBySeed(exchange, number, writes));
      await Promise.all(numbers.map(async (writer) => tell(post, writer)));
      service.relent();
    }
    const found = await standingIn(url, service.as('operator', tenant), isMeant);
    wrong.push(...compare(expectedOf(observationsIn(told, now)), found));
  }
  return wrong;
}

/** Writes arrive in another order than what they rest on was read in. */
function lateBySeed({ number, operation }: Exchange, seed: number, writes: Fate): Fate {
  if (operation !== 'PutItem' && operation !== 'BatchExecuteStatement') return passed;
  const chance = seededChance(seed * 7_919 + number);
  return async (exchange) => {
    await wait(chance() * 60);
    await writes(exchange);
  };
}

interface Put {
  readonly TableName?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: unknown;
}
interface Statements {
  readonly Statements: readonly { readonly Statement: string; readonly Parameters: readonly unknown[] }[];
}

const onlyIfUnchanged = / AND "revision"=\?$/;

/** Writes whatever the condition said: what the service would be without its compare-and-set. */
export const withoutConditions: Fate = async (exchange) => {
  const { ConditionExpression, ExpressionAttributeValues, ...put } = JSON.parse(exchange.body) as Put;
  if (exchange.operation === 'PutItem' && /revision|attribute_not_exists/.test(ConditionExpression ?? '')) {
    return exchange.answer(await exchange.forward(JSON.stringify(put)));
  }
  if (exchange.operation !== 'BatchExecuteStatement') return passed(exchange);
  const { Statements, ...rest } = JSON.parse(exchange.body) as Statements;
  const bare = Statements.map(({ Statement, Parameters }) =>
    Statement.endsWith(' AND "revision"=?')
      ? { Statement: Statement.replace(onlyIfUnchanged, ''), Parameters: Parameters.slice(0, -1) }
      : { Statement, Parameters },
  );
  return exchange.answer(await exchange.forward(JSON.stringify({ ...rest, Statements: bare })));
};
