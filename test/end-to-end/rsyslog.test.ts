/** Threat logs go through the whole service to a real rsyslog: what it writes is, byte for byte, what was posted. */
import { delivered } from './delivered.ts';
import { needs, simulators } from './needs.ts';
import { call, type Service, startService } from './service.ts';
import { type Input, inputs, missing, type Rsyslog, startRsyslog } from './rsyslogd.ts';

const story = missing() === undefined ? describe : describe.skip;

type Tenant = 'acme' | 'globex';

/** A line of a threat; `n` tells them apart. */
const threat = (n: number, params: string | Buffer = '', firewall = 'fw-1') =>
  Buffer.concat([
    Buffer.from(`<14>1 2026-03-01T12:00:00Z ${firewall} RT_IDP - IDP_ATTACK_LOG_EVENT [junos@2636.1.1.1.2.86 n="${n}" message="`), // prettier-ignore
    Buffer.from(params),
    Buffer.from('"]'),
  ]);

const behind = (header: string, line: Buffer) => Buffer.concat([Buffer.from(header), line]);

/** What a firewall or a relay may write and a receiver may stumble over. */
const oddLines = [
  threat(1),
  threat(2, 'EXAMPLE\\alice, \\"quoted\\" and [in brackets\\]'),
  threat(3, 'Käse für 3 €, 漢字'),
  threat(4, Buffer.from([0xff, 0xfe, 0xe4, 0x80])), // no UTF-8
  threat(5, 'a tab \t, a bell \x07, an escape \x1b[31m, a delete \x7f and a carriage return \r'),
  behind('<13>Mar  1 12:00:00 relay ', threat(6)),
  behind('Mar  1 12:00:00 relay ', threat(7)),
  behind('<13>Mar  1 12:00:00 relay ', threat(8).subarray('<14>'.length)),
  threat(9).subarray('<14>'.length),
  // Counted octets have line feeds in them, and a datagram has: rsyslog keeps both, where it ends a line that is not counted.
  threat(10, 'one\ntwo'),
  Buffer.concat([threat(11), Buffer.from('\r\n')]),
  Buffer.concat([threat(12), Buffer.from('  ')]),
];

const ofLength = (bytes: number, n: number) => threat(n, 'x'.repeat(bytes - threat(n).length));

/** With its length before it where it has a priority, so that it may hold anything; else between line feeds. */
const framed = (line: Buffer) =>
  line.indexOf('<') === 0
    ? Buffer.concat([Buffer.from(`${line.length} `), line])
    : Buffer.concat([Buffer.from('\n'), line, Buffer.from('\n')]);
const asWritten = (lines: readonly Buffer[]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

story('a real rsyslog', () => {
  let service: Service;
  let rsyslog: Rsyslog;
  const told: string[] = [];

  beforeAll(async () => {
    service = await startService(undefined, (line) => told.push(line));
    rsyslog = await startRsyslog(simulators);
  });
  afterEach(async () => delivered(service, told));
  afterAll(async () => {
    await rsyslog.stop();
    await service.stop();
  });

  async function sendsTo(input: Input, tenant: Tenant = 'acme') {
    const { operator } = service.authorizations[tenant];
    const { body } = await call(service.url, 'GET /v1/configuration', operator);
    const destination = {
      address: simulators,
      port: rsyslog.ports[input],
      transport: inputs[input],
      caCertificate: inputs[input] === 'tls' ? rsyslog.caCertificate : null,
    };
    const { threatLogs } = body as { readonly threatLogs: object };
    const configuration = { ...body, threatLogs: { ...threatLogs, rateLimit: 65_535, destination } };
    const stored = await call(service.url, 'PUT /v1/configuration', operator, JSON.stringify(configuration));
    expect([stored.status, stored.body.violations]).toEqual([200, undefined]);
  }

  async function post(body: Buffer, tenant: Tenant = 'acme'): Promise<number> {
    const sender = service.authorizations[tenant]['log-sender'];
    const answer = await call(service.url, 'POST /v1/threat-logs', sender, new Uint8Array(body));
    expect(answer).toMatchObject({ status: 200, body: { malformed: 0, rateLimited: 0, filtered: 0 } });
    return answer.body.accepted as number;
  }

  /** Posts them, and answers what was written from then on until the last of them was. */
  async function arrived(input: Input, lines: readonly Buffer[]): Promise<Buffer> {
    const before = rsyslog.written(input).length;
    expect(await post(Buffer.concat(lines.map(framed)))).toBe(lines.length);
    const written = () => rsyslog.written(input).subarray(before);
    await until(() => written().includes(asWritten(lines.slice(-1))));
    return written();
  }

  const transports = ['udp', 'tcp', 'tls'] as const;

  needs('simulators').each(transports)('has over %s what was posted, whatever is in the line', async (transport) => {
    await sendsTo(transport);

    const written = await arrived(transport, [...oddLines, threat(13)]);

    expect(written.toString('latin1')).toBe(asWritten([...oddLines, threat(13)]).toString('latin1'));
  });

  needs('simulators').each(['tcp', 'tls'] as const)('has lines of 60 and of 64 kB over %s', async (transport) => {
    await sendsTo(transport);
    const lines = [ofLength(60_000, 1), ofLength(65_536, 2), threat(3)];

    const written = await arrived(transport, lines);

    expect(written.equals(asWritten(lines))).toBe(true);
  });

  needs('simulators')('has over UDP the longest line that a datagram holds, and none that is longer', async () => {
    await sendsTo('udp');
    const [longest, longer, last] = [ofLength(65_507, 1), ofLength(65_508, 2), threat(3)];

    const written = await arrived('udp', [longest, longer, last]);

    expect(written.equals(asWritten([longest, last]))).toBe(true);
  });

  needs('simulators', 'pace')(
    'has a thousand lines of each of two tenants where each sends them, in their order',
    async () => {
      await sendsTo('tcp', 'acme');
      await sendsTo('elsewhere', 'globex');
      const destinations = { acme: 'tcp', globex: 'elsewhere' } as const;
      const firewalls = ['fw-1', 'fw-2', 'fw-3', 'fw-4'];
      const linesOf = (tenant: Tenant) => Array.from({ length: 1_000 }, (_, n) => threat(n, tenant, firewalls[n % 4]));

      const written = await Promise.all(
        (['acme', 'globex'] as const).map(async (tenant) => {
          const lines = linesOf(tenant);
          const before = rsyslog.written(destinations[tenant]).length;
          for (let at = 0; at < lines.length; at += 100) await post(asWritten(lines.slice(at, at + 100)), tenant);
          const came = () => rsyslog.written(destinations[tenant]).subarray(before);
          await until(() => came().includes(asWritten(lines.slice(-1))));
          return came().toString();
        }),
      );

      expect(written).toEqual([asWritten(linesOf('acme')).toString(), asWritten(linesOf('globex')).toString()]);
    },
  );

  needs('simulators', 'logs')('that was ended and begun again has what was posted meanwhile', async () => {
    await sendsTo('tcp', 'acme');
    await sendsTo('tls', 'globex');
    const before = { tcp: rsyslog.written('tcp').length, tls: rsyslog.written('tls').length };
    const lines = (tenant: Tenant) => [1, 2, 3].map((n) => threat(n, `while it is away, ${tenant}`));
    const from = told.length;
    const failures = (tenant: Tenant) => told.slice(from).filter((line) => line.includes('logs-not-sent') && line.includes(`"${tenant}"`)); // prettier-ignore
    const written = () => [rsyslog.written('tcp').subarray(before.tcp), rsyslog.written('tls').subarray(before.tls)];

    await rsyslog.end();
    await post(asWritten(lines('acme')));
    await post(asWritten(lines('globex')), 'globex');
    await until(() => failures('acme').length > 0 && failures('globex').length > 0);
    expect(written().map(({ length }) => length)).toEqual([0, 0]);
    await rsyslog.begin();
    const expected = [asWritten(lines('acme')), asWritten(lines('globex'))];
    await until(() => written().every((came, index) => came.length >= (expected[index]?.length ?? 0)));

    expect(written().map(String)).toEqual(expected.map(String));
  });
});
