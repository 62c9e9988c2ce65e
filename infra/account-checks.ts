/**
 * Checks that one machine has nothing to answer to: they need production, an account, or somebody else's system. Where that
 * is missing they throw, with what to do, and the probe says that it could not ask.
 */
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';

import { price } from './cost/unit-prices.ts';
import { type Deployment, entries, padded, postPath, type Verdict } from './probe-checks.ts';

type Check = (deployment: Deployment) => Promise<Verdict>;

export const accountChecks: Readonly<Record<string, Check>> = {
  async 'table-key-grants'({ ask, sender, operator, dynamodb, tenantsTable }) {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: tenantsTable }));
    if (Table?.SSEDescription?.KMSMasterKeyArn === undefined) throw new Error('The tables lie under a key of AWS.');
    const posted = await ask(postPath, { method: 'POST', as: sender, body: entries(1) });
    const found = await ask('v1/entries/198.51.100.1', { as: operator });
    return found.status === 200 && posted.status === 200
      ? ['proven', 'an entry was written and read']
      : ['disproved', `a post is answered ${posted.status}, a look-up ${found.status}`];
  },

  async 'waf-two-megabytes'({ ask, sender }) {
    const attack = await ask('.git/config');
    if (attack.status === 404)
      throw new Error('No firewall stands before this deployment: deploy with -c firewall=on.');
    const posted = await ask(postPath, { method: 'POST', as: sender, body: padded(2_097_152) });
    const said = `${attack.status} ${attack.code} ${attack.headers.get('retry-after')}, then ${posted.status}`;
    return [said === '503 firewall-stopped 60, then 200' ? 'proven' : 'disproved', said];
  },

  async 'promise-post'({ ask, sender, operator, patience }) {
    if (patience === 'short') throw new Error('A busy machine keeps no promise of time.');
    const slowest = await slowestOf(100, async () => {
      const posted = await ask(postPath, { method: 'POST', as: sender, body: entries(1) });
      const found = await ask('v1/entries/198.51.100.1', { as: operator });
      return posted.ms + found.ms;
    });
    return [
      slowest < 1_000 ? 'proven' : 'disproved',
      `posted and found in ${Math.round(slowest)} ms, the way included`,
    ];
  },

  async 'promise-decision'({ ask, operator, patience }) {
    if (patience === 'short') throw new Error('A busy machine keeps no promise of time.');
    const flows = [{ sourceIp: '198.51.100.1', destinationIp: '192.0.2.7', application: 'https' }];
    const decide = async () => ask('v1/decisions', { method: 'POST', as: operator, body: { flows } });
    const way = Math.min(...(await inTurn(20, async () => (await ask('openapi.json', { as: operator })).ms)));
    const slowest = (await slowestOf(100, async () => (await decide()).ms)) - way;
    return [
      slowest < 50 ? 'proven' : 'disproved',
      `${Math.round(slowest)} ms beyond the ${Math.round(way)} ms of the way`,
    ];
  },

  async 'events-out'() {
    return askedByHand(
      'Write the rule of docs/events-out.md with a queue of yours as its target, block an endpoint of that tenant and one of another: the one message, and not the other, proves it.',
    );
  },

  async 'direct-udp'() {
    return askedByHand(
      'Let a switch at a public address be told directly (docs/change-of-authorization.md), block an endpoint of it, and read what became of the change: acknowledged proves it.',
    );
  },

  async 'fifo-groups'() {
    return askedByHand(
      'Have a tenant with threatLogs.rateLimit 100 send 3,000 numbered threat logs in thirty posts at once to a syslog receiver of yours, and a second tenant a few: all in the order of their posts, one connection of each tenant at a time, never more than 100 in a second, and those of the second at once, prove the first part; then close its port for a minute and post again: logs-not-sent every fifteen seconds, and nothing behind it meanwhile, proves the second.',
    );
  },

  async 'frozen-sockets'() {
    return askedByHand(
      'Count connections at a server of yours while 2,000 addresses are asked about, then for ten minutes of silence: never more than twenty, and none in the silence, proves it.',
    );
  },

  async 'logged-metrics'() {
    return askedByHand(
      'Look at the metric PostsAccepted of the namespace Postern in CloudWatch, five minutes after a post: a value proves it.',
    );
  },

  async 'alarm-topic-key'() {
    return askedByHand(
      'Deploy with -c alarmEmail=…, confirm the subscription, and set an alarm by hand (aws cloudwatch set-alarm-state): a message proves it.',
    );
  },

  async 'unit-prices'({ patience }) {
    if (patience === 'short') throw new Error('It reads a price list of some megabytes.');
    const list = await fetch(
      'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/current/us-east-1/index.json',
    );
    const dollars = [...(await list.text()).matchAll(/"USD"\s*:\s*"([\d.]+)"/g)].map(([, text]) => Number(text));
    const missing = Object.entries(price.DynamoDB).filter(([, each]) => !dollars.includes(each));
    return missing.length === 0
      ? ['proven', 'those of DynamoDB are in its list']
      : ['disproved', `its list has none of ${missing.map(([name, each]) => `${name} ${each}`).join(', ')}`];
  },

  async 'atp-cloud-list'() {
    return askedByHand(
      'Enable the feed with a token of yours and compare GET /v1/feeds and GET /v1/infected-hosts with what ATP Cloud shows: the same hosts and levels prove it.',
    );
  },

  async 'pulse-threat-door'() {
    return askedByHand(
      'Name a Pulse Policy Secure in a connector, push a host of its subnets to POST /v1/infected-hosts, and look at its list of infected hosts and its event log: the host there, and gone after the clear, proves it.',
    );
  },

  async 'ise-anc'() {
    return askedByHand(
      'Name an ISE in a connector, push a host with an active session, and look at Operations > Adaptive Network Control: the endpoint in the policy, and out of it after the clear, proves it.',
    );
  },

  async 'clearpass-attribute'() {
    return askedByHand(
      'Name a ClearPass in a connector, push a host whose MAC it knows, and look at the attributes of the endpoint: sdsnEpStatus quarantine beside all that was there, and healthy after the clear, proves it.',
    );
  },

  async 'junos-feed'() {
    return askedByHand(
      'Write the lines of docs/feed-out.md on an SRX, block an endpoint and clear it: its address in show security dynamic-address within a minute, and gone within another, proves it.',
    );
  },
};

const askedByHand = async (how: string): Promise<Verdict> =>
  Promise.reject(new Error(`It needs a system of yours. ${how}`));

/** The slowest but one in a hundred. */
async function slowestOf(times: number, ask: () => Promise<number>): Promise<number> {
  await ask(); // starts what has to be started
  const all = (await inTurn(times, ask)).sort((a, b) => a - b);
  return all[Math.ceil(times * 0.99) - 1] ?? Infinity;
}

async function inTurn(times: number, ask: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  while (all.length < times) all.push(await ask());
  return all;
}
