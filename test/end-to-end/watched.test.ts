/** What the log says of the running service: one line an event, the numbers of every symptom, and no secret. */
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as wait } from 'node:timers/promises';
import { region } from '../../infra/local/template.ts';
import { routes } from '../../shared/contract.ts';
import { type ClearPass, startClearPass } from '../simulators/clearpass.ts';
import { allNeed, simulators } from './needs.ts';
import { basic, call, type Service, startService } from './service.ts';
import { aSite, theSetUp } from './site.ts';

type Line = Readonly<Record<string, unknown>>;

/** None of these may be found again, whatever a caller put it into. */
const secrets = {
  clientSecret: 'zq-client-secret',
  radiusSecret: 'zq-radius-secret',
  wrongPassword: 'zq-wrong-password',
  userPassword: 'zq-user-password',
  header: 'zq-header',
  query: 'zq-query',
  path: 'zq-path',
  json: 'zq-json',
  xml: 'zq-xml',
};

allNeed(
  'logs',
  'schedules',
  'simulators',
)('what functions write into their log', () => {
  const log: string[] = [];
  let service: Service;
  let clearPass: ClearPass;
  let site: ReturnType<typeof aSite>;
  beforeAll(async () => {
    [service, clearPass] = await Promise.all([
      startService(undefined, (line) => void log.push(line)),
      startClearPass({ address: simulators }),
    ]);
    site = aSite(service, 'acme');
    const setUp = theSetUp(service.callerAddress);
    const { address, port } = clearPass.server;
    const server = { name: 'cppm', address, port, connectMethod: 'http' };
    const { clientSecret } = secrets;
    // Nobody is asked who is there where no policy would care.
    const staffOnly = { name: 'staff', fromZone: 'trust', toZone: 'untrust', source: ['any'], destination: ['any'], applications: ['any'], sourceIdentity: ['corp\\staff'], action: 'permit', log: false }; // prettier-ignore
    const configuration = {
      policies: [staffOnly],
      clearpass: { userQuery: { enabled: true, server, clientId: 'postern', clientSecret, delayQueryTime: 0 } },
      threatResponse: {
        ...setUp,
        radiusClients: setUp.radiusClients.map((each) => ({ ...each, secret: secrets.radiusSecret })),
      },
    };
    expect(await site.operator('PUT /v1/configuration', configuration)).toMatchObject({ status: 200 });
  });
  afterAll(async () => Promise.all([service.stop(), clearPass.stop()]));

  const isOfAccessLog = (line: string) => line.includes('"integrationStatus":');
  const told = (): Line[] =>
    log.flatMap((line) => /\{"[^]*\}$/.exec(line) ?? []).map((text) => JSON.parse(text) as Line);
  /** What a worker prints comes by a stream: until there is such a line. */
  async function lineWith(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const line = told().find(fits);
      if (line !== undefined) return line;
      await wait(20);
    }
  }
  const has = (name: string, value?: number) => (line: Line) =>
    value === undefined ? line[name] !== undefined : line[name] === value;
  const post = async (body: string, authorization = service.authorizations.acme['web-api']) =>
    call(service.url, 'POST /api/userfw/v1/post-entry', authorization, body);
  const logon = (ip: string) =>
    `<userfw-entries><userfw-entry><operation>logon</operation><IP>${ip}</IP><user>alice</user></userfw-entry></userfw-entries>`;
  const flow = (sourceIp: string) => ({ sourceIp, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' }); // prettier-ignore
  const decide = async (...ips: string[]) => site.operator('POST /v1/decisions', { flows: ips.map(flow) });

  test('every request is one line with tenant, route, status and who called, through whatever door', async () => {
    for (const [route, { roles }] of Object.entries(routes)) {
      const [method = '', path = ''] = route.split(' ');
      const authorization = service.authorizations.globex[roles[0]];
      const body = method === 'GET' ? undefined : `{"name": "${secrets.json}", ${secrets.json}`;
      const asked = `${method} ${path.replaceAll(/\{\w+\}/g, secrets.path)}?zq=${secrets.query}` as const;
      await call(service.url, asked as 'GET /', authorization, body, { 'X-Zq': secrets.header, 'If-Match': secrets.header }); // prettier-ignore
    }
    await lineWith(({ route }) => route === Object.keys(routes).at(-1));

    const requests = told().filter(({ message }) => message === 'request');
    const ids = requests.map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const route of Object.keys(routes)) {
      const lines = requests.filter((line) => line.route === route && line.tenant !== 'acme');
      expect([route, lines.length > 0 ? 'told' : 'untold']).toEqual([route, 'told']);
      for (const line of lines) {
        expect(line).toMatchObject({ level: 'INFO', service: 'postern', status: expect.any(Number) as number, ms: expect.any(Number) as number, credentialId: expect.any(String) as string }); // prettier-ignore
      }
    }
  });

  test('a sender that is refused ten times in a row raises the number of the alarm, and names itself', async () => {
    for (let count = 0; count < 10; count += 1) await post(`<userfw-entries><${secrets.xml}`);

    expect(await lineWith(has('SenderRefusedInARow', 10))).toMatchObject({
      message: 'request',
      tenant: 'acme',
      route: 'POST /api/userfw/v1/post-entry',
      status: 400,
      code: 'xml-malformed',
      PostsRefused: 1,
      credentialId: expect.any(String) as string,
      receipt: expect.any(String) as string,
    });
    await service.runtime.tick('EveryFiveMinutes');
    expect(await lineWith(has('DeafSenders', 1))).toMatchObject({ tenant: 'acme' });
    expect(await lineWith(has('SenderWatchesUnfinished', 0))).toMatchObject({ message: 'run', tenant: '_provider' });
  });

  test('a wrong password is an authorization that finds nobody, and a number of its tenant', async () => {
    const [user = ''] = Buffer.from(service.authorizations.acme['web-api'].slice(6), 'base64').toString().split(':');

    expect((await post(logon('192.0.2.1'), basic(user, secrets.wrongPassword))).status).toBe(401);

    expect(await lineWith(has('LoginsRefused', 1))).toMatchObject({ message: 'authorization', outcome: 'unauthorized', tenant: 'acme' }); // prettier-ignore
  });

  test('the three promises are measured where they are kept', async () => {
    await post(logon('192.0.2.1'));
    await decide('192.0.2.1');
    await decide('192.0.2.1');
    const laptop = site.device('00:11:22:33:ca:01', 'alice');
    await laptop.joins('desk', { ip: '10.3.0.1' });
    await site.threat('quarantine-endpoint', '10.3.0.1', { severity: 'high' });
    await site.switchesAreTold();

    expect(await lineWith(has('PostDurableAfter'))).toMatchObject({ PostsAccepted: 1, EntriesStored: 1, status: 200 });
    expect(await lineWith(has('DecisionTook'))).toMatchObject({ start: 'warm', route: 'POST /v1/decisions' });
    expect(await lineWith(has('ThreatActionsApplied'))).toMatchObject({ tenant: 'acme' });
    expect(await lineWith(has('ChangeSentAfter'))).toMatchObject({ route: 'GET /v1/radius/changes', ChangesSent: 1 });
    expect(await lineWith(has('ChangesAcknowledged'))).toMatchObject({ route: 'POST /v1/radius/changes/{id}/result' });
  });

  test('a ClearPass that fails is told with its reason, one that hangs fills the cell up to twenty', async () => {
    clearPass.behave({ errorRate: 1 });
    await site.operator('POST /v1/queries', { ip: '10.9.0.1' });
    expect(await lineWith(has('QuestionsAsked', 1))).toMatchObject({ message: 'message', tenant: 'acme' });
    expect(await lineWith(has('QuestionsFailed', 1))).toMatchObject({ reason: 'server-failed', outcome: 'done' });

    clearPass.behave({ hang: 1 });
    await decide(...Array.from({ length: 40 }, (_, index) => `10.9.1.${index}`));

    const credentials = { accessKeyId: 'onthismachine', secretAccessKey: 'onthismachine' };
    const client = new SQSClient({ endpoint: service.runtime.endpoints.sqs, region, credentials });
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand({}));
    const QueueUrl = QueueUrls.find((url) => url.includes('QueryCell1Queue'));
    const AttributeNames = ['ApproximateNumberOfMessagesNotVisible' as const];
    const inFlight = async () => {
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
    };
    while ((await inFlight()) < 20) await wait(50);
    expect(clearPass.statistics().maxOpenSockets).toBeLessThanOrEqual(20);
    client.destroy();
    clearPass.behave({ hang: 0 });
  });

  test('no line holds a secret, a header, a query, a parameter or a body; the access log has the path, and no more', async () => {
    await call(service.url, 'POST /v1/radius/authorize', service.authorizations.acme.radius, JSON.stringify({ 'User-Name': { type: 'string', value: ['alice'] }, 'User-Password': { type: 'string', value: [secrets.userPassword] }, 'Calling-Station-Id': { type: 'string', value: ['00-11-22-33-CA-FE'] }, 'NAS-IP-Address': { type: 'string', value: ['198.51.100.2'] } })); // prettier-ignore
    const key = await call(service.url, 'GET /api/v1/auth', service.authorizations.acme['threat-sender']);
    await lineWith(({ route, tenant }) => route === 'GET /api/v1/auth' && tenant === 'acme');

    const authorizations = [service.authorizations.acme, service.authorizations.globex].flatMap((each) => Object.values(each)); // prettier-ignore
    const sent = authorizations.flatMap((header) => {
      const value = header.slice(header.indexOf(' ') + 1);
      const [, password] = Buffer.from(value, 'base64').toString().split(':');
      return header.startsWith('Basic') ? [value, password ?? value] : [value];
    });
    const apiKey = (key.body as { api_key?: string }).api_key;
    const all = [...Object.values(secrets), ...sent, ...(apiKey === undefined ? [] : [apiKey])];
    expect(log.length).toBeGreaterThan(Object.keys(routes).length);
    expect(log.filter(isOfAccessLog).length).toBeGreaterThanOrEqual(Object.keys(routes).length);
    const holding = (lines: readonly string[], kept: readonly string[]) =>
      lines.filter((line) => kept.some((secret) => line.includes(secret)));
    expect(
      holding(
        log.filter((line) => !isOfAccessLog(line)),
        all,
      ),
    ).toEqual([]);
    expect(holding(log.filter(isOfAccessLog), all.filter((secret) => secret !== secrets.path))).toEqual([]); // prettier-ignore
  });
});
