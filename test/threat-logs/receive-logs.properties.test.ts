/** Laws of what is received, whatever comes: of every tag, in both framings, compressed or not, and of bytes that nobody meant. */
import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { inflatedBody } from '../../shared/edge/inflated.ts';
import { logBatch, messagesOf } from '../../shared/threat-logs/log-message.ts';
import { receiveLogs } from '../../shared/threat-logs/receive-logs.ts';
import { tagged, type ThreatTag, threatTags } from '../../shared/threat-logs/threat-tag.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';
import { framesOf, longestLine } from '../../shared/wire/syslog/frames.ts';
import { readStructured } from '../../shared/wire/syslog/structured-line.ts';
import { fakeThreatLogs } from '../support/fake-threat-logs.ts';
import { firewallLine, others, type OtherTag } from '../support/firewall-lines.ts';
import { noon } from '../support/observations.ts';

const [t1, t10] = [tenantId('t1'), tenantId('t10')];
const arrival = { credentialName: 'relay', clientAddress: '203.0.113.7', requestId: 'r1', actId: 'logs-r1', receivedAt: noon, deadlineAt: noon + 29_000 }; // prettier-ignore

type World = ReturnType<typeof fakeThreatLogs>;
const receive = async ({ deps }: World, body: Uint8Array, tenant = t1) => receiveLogs(deps, tenant, arrival, body);

/** What a worker has of a tenant's lines, once they went through the queue. */
const sentOn = ({ batches }: World) =>
  batches
    .filter(({ tenant }) => tenant === t1)
    .flatMap((batch) => messagesOf(batch).flatMap(({ body }) => logBatch(body).lines.map((line) => Buffer.from(line))));

const hex = (lines: readonly Uint8Array[]) => lines.map((line) => Buffer.from(line).toString('hex'));

/** Any bytes, but a line feed where a line ends with one; what ends a value or an element is escaped. */
const valueOf = (framing: Framing) =>
  fc.uint8Array({ maxLength: 60 }).map((bytes) =>
    Buffer.from(
      [...bytes].flatMap((byte) => {
        if (byte === 0x0a && framing !== 'counted') return [0x20];
        return byte === 0x22 || byte === 0x5c || byte === 0x5d ? [0x5c, byte] : [byte];
      }),
    ),
  );

const framings = ['counted', '\n', '\r\n'] as const;
type Framing = (typeof framings)[number];

const relays = ['', '<13>Oct  3 02:06:27 relay ', '<13>2026-03-01T12:00:00.001+00:00 relay rsyslogd: '];

interface Sent {
  readonly line: Buffer;
  readonly framing: Framing;
  readonly became: 'accepted' | 'filtered';
}

const sent: fc.Arbitrary<Sent> = fc.constantFrom(...framings).chain((framing) =>
  fc
    .record({
      relay: fc.constantFrom(...relays),
      value: valueOf(framing),
      tag: fc.oneof(
        fc.constantFrom(...(Object.keys(threatTags) as ThreatTag[])),
        fc.constantFrom(...(Object.keys(others) as OtherTag[])),
      ),
      suffix: fc.constantFrom('', '_LS'),
    })
    .map(({ relay, value, tag, suffix }) => {
      const [before = '', after = ''] = firewallLine(tag, {}, tag + suffix, 'junos@2636.1.1.1.2.86 x="@"').split('@"');
      const line = Buffer.concat([Buffer.from(relay + before), value, Buffer.from(`"${after}`)]);
      return { line, framing, became: tag in threatTags ? ('accepted' as const) : ('filtered' as const) };
    }),
);

const framed = ({ line, framing }: Sent) =>
  framing === 'counted'
    ? Buffer.concat([Buffer.from(`${line.length} `), line])
    : Buffer.concat([line, Buffer.from(framing)]);

test('what is accepted goes out unchanged and in its order, whatever is in it, however it is framed and sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { maxLength: 12 }), fc.boolean(), async (lines, isCompressed) => {
      const plain = Buffer.concat(lines.map(framed));
      const headers = new Map(isCompressed ? [['content-encoding', 'gzip']] : []);
      const body = inflatedBody({ headers, body: isCompressed ? gzipSync(plain) : plain });
      const world = fakeThreatLogs();
      const threats = lines.filter(({ became }) => became === 'accepted').map(({ line }) => line);

      const told = await receive(world, body);
      await receive(world, body, t10);

      expect(told).toEqual({ received: lines.length, accepted: threats.length, filtered: lines.length - threats.length, rateLimited: 0, malformed: 0, errors: [] }); // prettier-ignore
      expect(hex(sentOn(world))).toEqual(hex(threats));
    }),
    { numRuns: 200 },
  );
});

/** What headers, frames and elements are made of, in any order. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['<14>', '<999>', '1 ', '2 ', '0', '45 ', '1 <', '9999999 <14>1 ', '<14>1 - fw RT_IDP - ', '<14>1 '],
        ...['IDP_ATTACK_LOG_EVENT', 'RT_SCREEN_TCP_LS', 'RT_FLOW_SESSION_CLOSE', ' [junos@2636', ' a="', 'epoch-time='],
        ...['"', '\\', '\\"', '[', ']', '=', ' ', '-', ' - ', '\n', '\r\n', '\r', '\0', '\uFEFF', '\u2028', 'ü', '😀'],
        ...['Oct  3 02:06:27 relay ', '2026-03-01T12:00:00Z relay ', 'source-address="192.0.2.20" ', '"]', '"] "'],
      ).map((text) => Buffer.from(text)), // prettier-ignore
      fc.uint8Array({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

/** Found by looking on in the body, so that lines which are alike are told apart. */
function isInOrder(lines: readonly Uint8Array[], body: Buffer): boolean {
  let at = 0;
  return lines.every((line) => {
    const found = body.indexOf(line, at);
    at = found + line.length;
    return found !== -1;
  });
}

test('no bytes throw, each line became one thing, and what goes on is a part of what came', async () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    soup,
  );
  await fc.assert(
    fc.asyncProperty(anything, fc.nat(4), async (body, rateLimit) => {
      const world = fakeThreatLogs({ rateLimit });

      const { received, accepted, filtered, rateLimited, malformed, errors } = await receive(world, body);

      expect(accepted + filtered + rateLimited + malformed).toBe(received);
      expect(received).toBe([...framesOf(body)].length);
      expect(errors).toHaveLength(Math.min(10, malformed));
      expect(world.countsOf().reduce((sum, { lines }) => sum + lines, 0)).toBe(received);
      expect(sentOn(world)).toHaveLength(accepted);
      expect(isInOrder(sentOn(world), body)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('any bytes behind a header are read or refused by name', () => {
  const header = Buffer.from('<14>1 - fw RT_IDP - IDP_ATTACK_LOG_EVENT ');
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), soup), (anything) => {
      for (const line of [anything, Buffer.concat([header, anything])]) {
        const found = tagged(line);
        const { read, fault } = found ? readStructured(line, found.place) : { read: undefined, fault: 'no-header' };
        expect(read === undefined).toBe(fault !== undefined);
      }
    }),
    { numRuns: 1_000 },
  );
});

/**
 * The worst for whoever looks ahead, looks back or copies: read as often as this, a reader whose time is the square of the
 * length does not come to an end.
 */
const oftenLines = 300;
const oftenBodies = 2;
const header = '<14>1 - fw RT_IDP - IDP_ATTACK_LOG_EVENT ';

test.each([
  ['quotes', `${header}[j x="`, '"'],
  ['backslashes', `${header}[j x="`, '\\'],
  ['escaped quotes', `${header}[j x="`, '\\"'],
  ['quotes that seem to end a value', `${header}[j x="`, '"\\" x="'],
  ['escaped quotes before what is nearly a name', `${header}[j x="`, '\\" x'],
  ['escaped quotes, and then a name without end', `${header}[j x="${'\\" '.repeat(20_000)}`, 'x'],
  ['escaped quotes before brackets', `${header}[j x="`, '\\"]'],
  ['opening brackets', header, '['],
  ['closing brackets', `${header}[j x="`, ']'],
  ['elements', header, '[j]'],
  ['parameters', `${header}[j`, ' x="y"'],
  ['one name', `${header}[j `, 'x'],
  ['equals signs', `${header}[j x=`, '='],
  ['spaces within an element', `${header}[j`, ' '],
  ['spaces behind it', `${header}[j]`, ' ', 'x'],
  ['a value of half a surrogate', `${header}[j x="`, '\uFFFD'],
  ['digits', '', '7'],
  ['versions', '', '1 '],
  ['headers', '', '<14>1 '],
  ['spaces', '', ' '],
])('a line of %s is read in a time that its length gives', async (_, start, piece, end = '') => {
  const room = longestLine - Buffer.byteLength(start + end);
  const line = Buffer.from(start + piece.repeat(room / Buffer.byteLength(piece)) + end);
  expect(line.length).toBeGreaterThan(longestLine - 10);
  const firsts = new Set<string>();
  for (let round = 0; round < oftenLines; round += 1) {
    const found = tagged(line);
    firsts.add(found ? (readStructured(line, found.place).fault ?? 'read') : 'no-header');
    // For the time-out to end it, if it has no end.
    await setImmediate();
  }

  expect(firsts.size).toBe(1);
});

const attack = firewallLine('IDP_ATTACK_LOG_EVENT');

test.each([
  ['quotes', '', '"'],
  ['backslashes', '', '\\'],
  ['opening brackets', '', '['],
  ['digits', '', '7'],
  ['versions', '', '1 '],
  ['counts of one', '', '1 <'],
  ['counts that lie', '', '99 <14>1 \n'],
  ['counts that lead beyond the end', '', '9999999 <14>1 \n'],
  ['nothing but one line', header, 'x'],
  ['empty lines', '', '\n'],
  ['empty lines of another kind', '', '\r\n'],
  ['carriage returns', '', '\r'],
  ['lines of one character', '', 'x\n'],
  ['the shortest headers, of two firewalls', '', '1 - a - - x\n1 - b - - x\n'],
  ['the shortest threats', '', '1 - a - - RT_SCREEN_IP -\n'],
  ['counted threats', '', `${Buffer.byteLength(attack)} ${attack}`],
  ['threats that are cut off', '', `${attack.slice(0, -1)}\n`],
  ['threats with one escaped quote after another', '', `${attack.slice(0, -1)} x="${'\\" x="'.repeat(10_000)}"]\n`],
])('two megabytes of %s are received in a time that their length gives', async (_, start, piece) => {
  const body = Buffer.from(start + piece.repeat(2_000_000 / piece.length));
  for (let round = 0; round < oftenBodies; round += 1) {
    const { received, accepted, filtered, rateLimited, malformed } = await receive(fakeThreatLogs(), body);
    expect(accepted + filtered + rateLimited + malformed).toBe(received);
    await setImmediate();
  }
});
