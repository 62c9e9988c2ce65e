/** What could not be asked of AWS while this was written, asked of a deployment. docs/unverified.md says why each matters. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { BatchExecuteStatementCommand, DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { frontDoorHeaders, keys } from '../shared/contract.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The `code` of a problem document. */
  readonly code?: string;
  readonly ms: number;
}

export interface Asked {
  readonly method?: string;
  /** Whose credentials go along; nobody's where it is left out. */
  readonly as?: Credential;
  readonly body?: Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A credential of the probe's own: where the API keeps it, and the value of an Authorization header. */
export interface Credential {
  readonly path: string;
  readonly authorization: string;
}

/** What a check finds: a deployment, a tenant of the probe's own in it, and the means to ask. */
export interface Deployment {
  readonly ask: (path: string, asked?: Asked) => Promise<Reply>;
  /** The same at API Gateway's own address, where callers know another one. */
  readonly around: Deployment['ask'] | undefined;
  readonly sender: Credential;
  readonly operator: Credential;
  readonly issue: (role: string) => Promise<Credential>;
  readonly revoke: (credential: Credential) => Promise<void>;
  readonly dynamodb: DynamoDBClient;
  readonly tenantsTable: string;
  /** `short`: what takes minutes is left out. */
  readonly patience: 'long' | 'short';
}

export type Verdict = readonly ['proven' | 'disproved', because: string];

export const postPath = 'api/userfw/v1/post-entry';

/** By the id that the document gives to each. */
export const checks: Readonly<Record<string, (deployment: Deployment) => Promise<Verdict>>> = {
  async 'partiql-comma'({ dynamodb, tenantsTable }) {
    const place = { [keys.partition]: { S: 'T#_probe' }, [keys.sort]: { S: randomUUID() } };
    const run = async (Statement: string, ...Parameters: { S: string }[]) => {
      const batch = new BatchExecuteStatementCommand({ Statements: [{ Statement, Parameters }] });
      const { Responses } = await dynamodb.send(batch);
      return Responses?.[0]?.Error?.Code ?? 'done';
    };
    const where = `WHERE "${keys.partition}"=? AND "${keys.sort}"=? AND "revision"=?`;
    const update = `UPDATE "${tenantsTable}" SET "revision"=?, "state"=? ${where}`;
    const insert = `INSERT INTO "${tenantsTable}" VALUE {'${keys.partition}': ?, '${keys.sort}': ?, 'revision': ?}`;
    const key = Object.values(place);
    try {
      const codes = [
        await run(insert, ...key, { S: 'one' }),
        await run(insert, ...key, { S: 'one' }),
        await run(update, { S: 'two' }, { S: 'valid' }, ...key, { S: 'one' }),
        await run(update, { S: 'two' }, { S: 'valid' }, ...key, { S: 'one' }),
      ];
      return expecting(codes.join(), 'done,DuplicateItem,done,ConditionalCheckFailed');
    } finally {
      await dynamodb.send(new DeleteItemCommand({ TableName: tenantsTable, Key: place }));
    }
  },

  async 'partiql-grants'({ ask, sender }) {
    const post = () => ask(postPath, { method: 'POST', as: sender, body: entries(12) });
    const [inserted, updated] = [await post(), await post()];
    return expecting(`${inserted.status} ${updated.status}`, '200 200');
  },

  async 'transaction-grants'({ issue, revoke }) {
    await revoke(await issue('operator'));
    return ['proven', 'a credential was issued and revoked'];
  },

  async 'authorizer-flush'({ ask, issue, revoke }) {
    const credential = await issue('operator');
    const known = await ask('v1/health', { as: credential });
    if (known.status !== 200) return ['disproved', `a new credential is answered ${known.status}`];
    await revoke(credential);
    const revokedAt = Date.now();
    while ((await ask('v1/health', { as: credential })).status !== 401) {
      if (Date.now() - revokedAt > 90_000) return ['disproved', 'it is still taken after 90 s'];
      await wait(500);
    }
    const seconds = (Date.now() - revokedAt) / 1_000;
    return [seconds < 10 ? 'proven' : 'disproved', `it is refused after ${seconds.toFixed(1)} s`];
  },

  async 'two-megabytes'({ ask, sender }) {
    const taken = await ask(postPath, { method: 'POST', as: sender, body: padded(2_097_152) });
    const refused = await ask(postPath, { method: 'POST', as: sender, body: padded(2_097_153) });
    return expecting(`${taken.status} ${refused.status}`, '200 413');
  },

  async 'oversized-event'({ ask, sender }) {
    // Base64 makes 6.7 MB of it: more than Lambda takes, less than API Gateway does.
    const reply = await ask(postPath, { method: 'POST', as: sender, body: padded(5_000_000) });
    return expecting(`${reply.status} ${reply.code}`, '413 body-too-large');
  },

  async 'raw-bytes'({ ask, sender }) {
    const body = Buffer.from(entries(1));
    body[body.indexOf('probe')] = 0xff; // a gateway that takes it for text would put three other bytes there
    const reply = await ask(postPath, { method: 'POST', as: sender, body });
    return expecting(`${reply.status} ${reply.code}`, '400 xml-not-utf8');
  },

  async 'encoded-path'({ ask, sender, operator }) {
    await ask(postPath, { method: 'POST', as: sender, body: entries(1, '2001:db8::1') });
    const found = await ask('v1/entries/2001%3Adb8%3A%3A1', { as: operator });
    const slash = await ask('v1/entries/10.0.0.1%2F24', { as: operator });
    const twice = await ask('v1/entries/2001%253Adb8%253A%253A1', { as: operator });
    return expecting([found, slash, twice].map((each) => each.status).join(), '200,400,400');
  },

  async 'gateway-answers'({ ask, operator }) {
    const unknown = [await ask('nowhere'), await ask('nowhere', { as: operator })];
    const wrong = await ask(postPath, { as: operator });
    const challenge = await ask('v1/health');
    const said = [
      ...unknown.map((each) => `${each.status} ${each.code}`),
      `${wrong.status} ${wrong.headers.get('allow')}`,
      `${challenge.status} ${challenge.headers.get('www-authenticate')}`,
      challenge.headers.get('content-type'),
      unknown.some(({ text }) => text.includes(operator.authorization)) ? 'repeats credentials' : 'repeats nothing',
    ];
    return expecting(
      said.join('; '),
      '404 route-unknown; 404 route-unknown; 405 POST; 401 Basic realm="Postern"; application/problem+json; repeats nothing',
    );
  },

  async 'cold-starts'({ ask, operator }) {
    // A new account runs ten functions at once, so that more would be refused and not started.
    const replies = await Promise.all(Array.from({ length: 8 }, () => ask('v1/health', { as: operator })));
    const slowest = Math.round(Math.max(...replies.map(({ ms }) => ms)));
    return [slowest < 1_500 ? 'proven' : 'disproved', `the slowest of eight at once took ${slowest} ms`];
  },

  async 'fair-queues'({ ask, operator }) {
    // Nobody answers there; what is asked about is that the question can be sent: in its tenant's group, with its delay.
    const server = { name: 'probe', address: 'clearpass.invalid', port: 443, connectMethod: 'https' };
    const userQuery = { enabled: true, server, clientId: 'probe', clientSecret: 'probe', delayQueryTime: 1 };
    const configure = async (clearpass: object) =>
      ask('v1/configuration', { method: 'PUT', as: operator, body: { clearpass } });
    await configure({ userQuery });
    try {
      const { status } = await ask('v1/queries', { method: 'POST', as: operator, body: { ip: '198.51.100.250' } });
      return expecting(String(status), '202');
    } finally {
      await configure({});
    }
  },

  async 'batch-loop'({ ask, operator, patience }) {
    if (patience === 'short') throw new Error('It takes ten minutes, which nobody has here.');
    const configure = async (identityManagement: object) =>
      ask('v1/configuration', { method: 'PUT', as: operator, body: { identityManagement } });
    // A name that means no address, so that nobody is asked: each round fails, and sends the next half a minute later.
    const primary = { address: 'jims.invalid', clientId: 'probe', clientSecret: 'probe' };
    await configure({ enabled: true, primary });
    try {
      for (let seconds = 0; seconds < 900; seconds += 10) {
        await wait(10_000);
        const { text } = await ask('v1/queries/status', { as: operator });
        const { identityManagement } = JSON.parse(text) as { identityManagement: { servers: { queries: number }[] } };
        const rounds = identityManagement.servers[0]?.queries ?? 0;
        if (rounds >= 18) return ['proven', `${rounds} rounds in ${seconds} s`];
      }
      return ['disproved', 'fewer than 18 rounds in a quarter of an hour'];
    } finally {
      await configure({ enabled: false });
    }
  },

  async 'client-address'({ ask, sender, operator, patience }) {
    const claimed = '192.0.2.1';
    const headers = {
      [frontDoorHeaders.client]: claimed,
      [frontDoorHeaders.origin]: noSecret,
      'X-Forwarded-For': claimed,
    };
    const posted = await ask(postPath, { method: 'POST', as: sender, body: entries(1), headers });
    if (posted.status !== 200) return ['disproved', `a post that claims another address is answered ${posted.status}`];
    const { receipt } = JSON.parse(posted.text) as { receipt: string };
    const { text } = await ask(`v1/receipts/${receipt}`, { as: operator });
    const { clientAddress } = JSON.parse(text) as { clientAddress: string };
    if (patience === 'short') return [clientAddress === claimed ? 'disproved' : 'proven', clientAddress];
    const own = await fetch('https://checkip.amazonaws.com');
    return expecting(clientAddress, (await own.text()).trim());
  },

  async 'bare-address'({ ask, around, operator }) {
    if (!around) throw new Error('There is no front door that somebody could come around.');
    const asked = [await ask('v1/health', { as: operator })];
    for (const headers of [{}, { [frontDoorHeaders.origin]: noSecret }]) {
      asked.push(await around('v1/health', { as: operator, headers }));
    }
    const found = asked.map(({ status }) => status).join();
    return [/^200,(401,401|403,403)$/.test(found) ? 'proven' : 'disproved', found];
  },

  async 'long-answer'({ ask, issue, revoke, patience }) {
    const site = await issue('radius');
    try {
      const { status, ms } = await ask(`v1/radius/changes?wait=${patience === 'short' ? 1 : 20}`, { as: site });
      return [status === 200 ? 'proven' : 'disproved', `${status} after ${(ms / 1_000).toFixed(1)} s`];
    } finally {
      await revoke(site);
    }
  },
};

const noSecret = 'a'.repeat(64);

const expecting = (found: string, wanted: string): Verdict =>
  found === wanted ? ['proven', found] : ['disproved', `${found} (expected ${wanted})`];

export function entries(count: number, first = '198.51.100.1') {
  const all = Array.from({ length: count }, (_, index) => {
    const ip = first.replace(/\d+$/, (last) => String(Number(last) + index));
    return `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>probe</user></userfw-entry>`;
  });
  return Buffer.from(`<userfw-entries>${all.join('')}</userfw-entries>`);
}

/** A good post of exactly so many bytes: blanks may stand anywhere. */
export function padded(bytes: number) {
  const post = entries(1).toString();
  return Buffer.from(post.replace('</userfw-entries>', (end) => end.padStart(bytes - post.length + end.length)));
}
