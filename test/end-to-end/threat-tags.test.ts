/** Of all that firewalls write, the tags of the vendor's table go on to ClearPass, and nothing else does. */
import { type ThreatTag, threatTags } from '../../shared/threat-logs/threat-tag.ts';
import { startSyslogReceiver } from '../simulators/syslog-receiver.ts';
import { firewallLine, happening, others, type OtherTag } from '../support/firewall-lines.ts';
import { needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(async () => service.stop());

const ofTable = Object.keys(threatTags) as ThreatTag[];
const attack = 'IDP_ATTACK_LOG_EVENT';

/** Twenty-two: each tag, and each with the suffix of logical systems. The first of them is headed as the vendor's own example is. */
const goesOn = [
  firewallLine(attack, { time: '2014-07-24T1358.362+08:00', firewall: 'bjsolar' }, attack, 'junos@2636.1.1.1.2.86').replace('<165>', '<14>'), // prettier-ignore
  ...ofTable.filter((tag) => tag !== attack).map((tag) => firewallLine(tag)),
  ...ofTable.map((tag) => firewallLine(tag, { time: '2011-10-23T02:06:26.544', firewall: 'srx-2' }, `${tag}_LS`)),
];

const flow = 'RT_FLOW_SESSION_CLOSE';
const staysBehind = [
  ...(Object.keys(others) as OtherTag[]).map((tag) => firewallLine(tag)),
  ...[
    'RT_SCREEN_TCP_LS_LS',
    'RT_SCREEN_TCP_LSYS',
    'RT_SCREEN_TCP_',
    'RT_SCREEN',
    'rt_screen_tcp',
    'Rt_Screen_Tcp',
    'XRT_SCREEN_TCP',
    'RT_SCREEN_TCP,RT_SCREEN_UDP',
    'constructor',
    '-',
  ].map((named) => firewallLine('RT_SCREEN_TCP', {}, named)),
  firewallLine(flow, { firewall: attack }),
  firewallLine(flow, { user: `x" - ${attack} [junos@2636.1.1.1.2.129 y="` }),
  `${firewallLine(flow)} ${attack}`,
  firewallLine(flow).replace(' RT_FLOW ', ` ${attack} `),
  firewallLine(flow).replace(' - ', ` ${attack} `),
];

const get = async (path: '/v1/configuration' | '/v1/threat-logs/status') =>
  (await call(service.url, `GET ${path}`, service.authorizations.acme.operator)).body;

needs('simulators')(
  'every tag of the table goes on byte for byte and in its order, and no other line does',
  async () => {
    const clearPass = await startSyslogReceiver({ transport: 'tcp', address: simulators });
    const { threatLogs, ...configuration } = await get('/v1/configuration');
    const destination = { address: simulators, port: clearPass.port, transport: 'tcp', caCertificate: null };
    const next = { ...configuration, threatLogs: { ...(threatLogs as object), destination } };
    await call(service.url, 'PUT /v1/configuration', service.authorizations.acme.operator, JSON.stringify(next));
    const between = Math.ceil(staysBehind.length / goesOn.length);
    const lines = goesOn.flatMap((line, index) => [...staysBehind.slice(index * between, (index + 1) * between), line]);
    const received = goesOn.length + staysBehind.length;
    const told = { received, accepted: 22, filtered: staysBehind.length, rateLimited: 0, malformed: 0 };
    expect([goesOn.length, new Set(lines).size]).toEqual([22, received]);

    const { status, body } = await call(service.url, 'POST /v1/threat-logs', service.authorizations.acme['log-sender'], lines.join('\n')); // prettier-ignore

    expect([status, body]).toEqual([200, { ...told, errors: [] }]);
    while (clearPass.lines().length < goesOn.length) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(clearPass.lines()).toEqual(goesOn);
    const { total, firewalls } = await get('/v1/threat-logs/status');
    expect(total).toMatchObject(told);
    expect(firewalls).toContainEqual(expect.objectContaining({ firewall: happening.firewall, filtered: staysBehind.length - 1, accepted: 10 })); // prettier-ignore
    const globex = await call(service.url, 'GET /v1/threat-logs/status', service.authorizations.globex.operator);
    expect(globex.body.total).toMatchObject({ received: 0, accepted: 0, filtered: 0 });
    await clearPass.stop();
  },
);
