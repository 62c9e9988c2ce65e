/** The most connections that one JIMS sees, counted there: questions of two tenants, their batches, and workers that are killed. */
import { setTimeout as wait } from 'node:timers/promises';
import { startJims } from '../simulators/jims.ts';
import { needs } from './needs.ts';
import { call, type Resources, type Service, startService } from './service.ts';

const tenants = ['acme', 'globex'] as const;
const ips = Array.from({ length: 60 }, (_, index) => `10.5.0.${index}`);

const everybody = {
  name: 'staff-web',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['https'],
  sourceIdentity: ['staff'],
  action: 'permit',
};

/** Workers live shorter than on AWS, so that what a killed one leaves behind comes back within the test. */
const withConcurrency = (concurrency: number) => (resources: Resources) => {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type === 'AWS::SQS::Queue') Properties.VisibilityTimeout = 15;
    if (Type === 'AWS::Lambda::Function' && Properties.Timeout === 30) Properties.Timeout = 10;
    if (Type === 'AWS::Lambda::EventSourceMapping' && Properties.BatchSize === 1) {
      expect(Properties.ScalingConfig).toEqual({ MaximumConcurrency: 20 });
      Properties.ScalingConfig = { MaximumConcurrency: concurrency };
    }
  }
};

async function burst(concurrency: number, { kills }: { kills: number }) {
  const [service, jims] = await Promise.all([startService(withConcurrency(concurrency)), startJims({ seed: 7 })]);
  try {
    for (const ip of ips.filter((_, index) => index % 2 === 0)) {
      jims.setEndpoint(ip, { 'ip-address': ip, 'user-name': `user-${ip}`, roles: ['staff'], activity: 'login' });
    }
    // Long enough that they pile up on a busy machine too, and well within the time that an answer may take.
    jims.behave({ latencyMs: 2_000, jitterMs: 100, errorRate: 0.02 });
    const { address, port } = jims.tlsServer;
    const primary = { address, clientId: 'postern', clientSecret: 'a secret', caCertificate: jims.caCertificate };
    const identityManagement = { enabled: true, primary, port, entryTimeout: 0, invalidEntryTimeout: 0, batchQuery: { queryInterval: 1 }, ipQuery: { queryDelayTime: 0 } }; // prettier-ignore
    const document = JSON.stringify({ identityManagement, policies: [everybody] });
    for (const tenant of tenants) await asked(service, tenant, 'PUT /v1/configuration', document);
    await service.runtime.tick('EveryMinute');
    await miss(service);
    for (let killed = 0; killed < kills; killed += 1) {
      await wait(500);
      await service.runtime.killOneWorker('QueryClearPass');
    }
    // Nothing waits for a question that could not be sent: it is asked when its flow comes again, as at a firewall.
    while (!(await allSettled(service))) {
      await wait(2_000);
      await miss(service);
    }
    return { ...jims.statistics(), batches: jims.questions().filter((each) => 'count' in each).length };
  } finally {
    await Promise.all([service.stop(), jims.stop()]);
  }
}

async function asked(
  { url, authorizations }: Service,
  tenant: (typeof tenants)[number],
  request: `${string} /${string}`,
  body?: string,
) {
  // prettier-ignore
  const answer = await call(url, request, authorizations[tenant].operator, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

async function miss(service: Service) {
  for (let start = 0; start < ips.length; start += 100) {
    const flows = ips.slice(start, start + 100).map((sourceIp) => ({ sourceIp, destinationIp: '198.51.100.7', application: 'https', fromZone: 'trust', toZone: 'untrust' })); // prettier-ignore
    for (const tenant of tenants) await asked(service, tenant, 'POST /v1/decisions', JSON.stringify({ flows }));
  }
}

async function allSettled(service: Service): Promise<boolean> {
  for (const tenant of tenants) {
    const { total } = await asked(service, tenant, 'GET /v1/entries/counters');
    const { valid = 0, invalid = 0 } = total as Record<string, number>;
    if (valid + invalid < ips.length) return false;
  }
  return true;
}

needs(
  'template',
  'schedules',
  'workers',
  'simulators',
)(
  'JIMS never sees more than 20 sockets, and at least 18, questions and batches together, while workers are killed',
  async () => {
    const { maxOpenSockets, batches } = await burst(20, { kills: 3 });

    expect(maxOpenSockets).toBeLessThanOrEqual(20);
    expect(maxOpenSockets).toBeGreaterThanOrEqual(18);
    expect(batches).toBeGreaterThan(2);
  },
  900_000,
);

needs('template', 'schedules', 'simulators')(
  'it sees more than 20 once the template says 40: what bounds it is that number',
  async () => {
    const { maxOpenSockets } = await burst(40, { kills: 0 });

    expect(maxOpenSockets).toBeGreaterThan(20);
  },
  900_000,
);
