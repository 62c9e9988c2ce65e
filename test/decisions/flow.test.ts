import { type Question, readQuestion } from '../../shared/decisions/flow.ts';
import { ServiceError } from '../../shared/service-error.ts';

const posted = {
  sourceIp: '192.0.2.50',
  destinationIp: '198.51.100.7',
  destinationPort: 443,
  protocol: 'tcp',
  application: 'junos-HTTPS',
  fromZone: 'trust',
  toZone: 'untrust',
};
const { application, ...withoutApplication } = posted;
const read = (...flows: readonly object[]): Question => readQuestion({ flows });

/** Where the document is wrong and by which rule. */
function faults(document: unknown): readonly string[] {
  try {
    readQuestion(document);
    return [];
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return (error.details.violations ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`);
  }
}

test('a flow is read in our words', () => {
  expect(read({ ...posted, sourceIp: '::ffff:192.0.2.50', sessionId: 's-1' })).toEqual({
    flows: [{ ...posted, protocol: 6, application: 'https', sessionId: 's-1' }],
    explain: 'no',
  });
});

test('what need not be told may be left out or null', () => {
  const { flows } = read(
    { ...withoutApplication, application: null, sessionId: null },
    { ...posted, protocol: null, destinationPort: null },
    { ...withoutApplication, protocol: 'icmp', destinationPort: null },
  );

  expect(flows.map((flow) => [flow.application, flow.protocol, flow.destinationPort])).toEqual([
    [undefined, 6, 443],
    ['https', undefined, undefined],
    [undefined, 1, undefined],
  ]);
});

test.each(['224.0.0.251', '255.255.255.255', 'ff02::fb', '127.0.0.1'])('a flow may go to %s', (destinationIp) => {
  expect(faults({ flows: [{ ...posted, destinationIp }] })).toEqual([]);
});

test('an explanation is given to who asks for it', () => {
  expect(readQuestion({ flows: [posted], explain: true }).explain).toBe('yes');
});

test.each([
  ['no flows', { flows: [] }, ['/flows count']],
  ['too many flows', { flows: Array<object>(101).fill(posted) }, ['/flows count']],
  ['no list of flows', { flows: posted }, ['/flows type']],
  ['no object', [posted], [' type']],
  ['a name that is not known', { flows: [{ ...posted, sourcePort: 1 }] }, ['/flows/0/sourcePort unknown-key']],
  ['a source that is no address', { flows: [{ ...posted, sourceIp: '192.0.2.050' }] }, ['/flows/0/sourceIp form']],
  ['a source where no user can be', { flows: [{ ...posted, sourceIp: '224.0.0.1' }] }, ['/flows/0/sourceIp form']],
  ['a prefix as destination', { flows: [{ ...posted, destinationIp: '10.0.0.0/8' }] }, ['/flows/0/destinationIp form']],
  ['a zone id', { flows: [{ ...posted, destinationIp: 'fe80::1%eth0' }] }, ['/flows/0/destinationIp form']],
  ['a port in quotes', { flows: [{ ...posted, destinationPort: '443' }] }, ['/flows/0/destinationPort type']],
  ['an unknown protocol', { flows: [{ ...posted, protocol: 'quic' }] }, ['/flows/0/protocol one-of']],
  ['neither application nor protocol', { flows: [{ ...withoutApplication, protocol: null }] }, ['/flows/0/protocol required']], // prettier-ignore
  ['neither application nor port', { flows: [posted, { ...withoutApplication, destinationPort: null }] }, ['/flows/1/destinationPort required']], // prettier-ignore
  ['everything at once', { flows: [{ ...posted, sourceIp: 1 }, { ...posted, toZone: '' }], explain: 'yes', more: 1 }, ['/more unknown-key', '/flows/0/sourceIp type', '/flows/1/toZone length', '/explain type']], // prettier-ignore
])('%s is refused, told by its place', (_, document, expected) => {
  expect(faults(document)).toEqual(expected);
});

test('a refusal says how to mend it', () => {
  expect(() => read({ ...posted, destinationIp: 'printer' })).toThrow(
    'One thing is wrong in the document, listed in "violations". The first is at "/flows/0/destinationIp": This is not in the form that belongs here. Give an address like 192.0.2.7 or 2001:db8::7, without port and zone id.',
  );
});
