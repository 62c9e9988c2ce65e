import fc from 'fast-check';
import type { Application } from '../../shared/configuration/configuration.ts';
import { applicationName, applicationsOf } from '../../shared/decisions/applications.ts';
import { builtInApplications } from '../../shared/decisions/built-in-applications.ts';
import { decide } from '../../shared/decisions/decide.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import { ann, aFlow, compiled, policiesOf } from './examples.ts';

const web: Application = { name: 'Web', protocol: 'tcp', ports: [8080, '8443-8449'] };
const told = (name: string) => ({ application: applicationName(name) });
const on = (protocol: number, destinationPort?: number) => ({ protocol, ...(destinationPort !== undefined && { destinationPort }) }); // prettier-ignore

function matches(application: string, flow: Partial<Flow>, own: readonly Application[] = []): string {
  const { sourceIp, destinationIp, fromZone, toZone } = aFlow();
  const policies = compiled(policiesOf({ applications: [application] }), { applications: own });
  const { policy } = decide(policies, { sourceIp, destinationIp, fromZone, toZone, ...flow }, ann);
  return policy === 'default-policy' ? 'differs' : 'matches';
}

test.each([
  ['https', on(6, 443), 'matches'],
  ['https', on(17, 443), 'differs'],
  ['junos-https', on(6, 443), 'matches'],
  ['JUNOS-HTTPS', told('https'), 'matches'],
  ['https', told('junos-https'), 'matches'],
  ['dns', on(17, 53), 'matches'],
  ['dns', on(6, 53), 'matches'],
  ['ping', on(1), 'matches'],
  ['ping', on(6, 443), 'differs'],
  ['x-windows', on(6, 6063), 'matches'],
  ['x-windows', on(6, 6064), 'differs'],
  ['any', on(132), 'matches'],
  ['any', told('unheard-of'), 'matches'],
  ['web', on(6, 8445), 'matches'],
  ['junos-web', on(6, 8080), 'matches'],
  ['web', on(6, 8450), 'differs'],
  ['facebook', told('Facebook'), 'matches'],
  ['facebook', on(6, 443), 'differs'],
])('application %s, flow %j: %s', (application, flow, outcome) => {
  expect(matches(application, flow, [web])).toBe(outcome);
});

test('a flow that tells its application matches by it alone, whatever its port', () => {
  expect(matches('ssh', { ...told('https'), ...on(6, 22) })).toBe('differs');
});

test("a tenant's own application stands in the place of the built-in one of its name", () => {
  const own: Application = { name: 'junos-https', protocol: 'tcp', ports: [8443] };

  expect(matches('https', on(6, 8443), [own])).toBe('matches');
  expect(matches('https', on(6, 443), [own])).toBe('differs');
});

test('an application without ports is all of its protocol', () => {
  const own: Application = { name: 'all-of-it', protocol: 132, ports: [] };

  expect([matches('all-of-it', on(132, 9), [own]), matches('all-of-it', on(132), [own])]).toEqual([
    'matches',
    'matches',
  ]);
});

test.each(Object.keys(builtInApplications))(
  'the built-in application %s is written as its name is compared',
  (name) => {
    expect(applicationName(`junos-${name}`)).toBe(name);
  },
);

test.each(Object.entries(builtInApplications))('the built-in application %s is %s', (name, definitions) => {
  expect(definitions).toMatch(/^((tcp|udp|icmp6?|\d+)(\/\d+(-\d+)?(,\d+)*)?( |$))+$/);
  expect(matches(name, told(name))).toBe('matches');
});

test('a range of ports holds just the ports from its first to its last', () => {
  const port = fc.integer({ min: 1, max: 65_535 });

  fc.assert(
    fc.property(port, port, port, (one, other, asked) => {
      const [first, last] = [Math.min(one, other), Math.max(one, other)];
      const range: Application = { name: 'range', protocol: 6, ports: [`${first}-${last}`] };
      const names = applicationsOf([applicationName('range')], [range]);

      for (const destinationPort of [asked, first - 1, first, last, last + 1]) {
        const isInside = destinationPort >= first && destinationPort <= last;
        expect(names(aFlow({ destinationPort })).flat()).toEqual(isInside ? ['range'] : []);
      }
    }),
  );
});
