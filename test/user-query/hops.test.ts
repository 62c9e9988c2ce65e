import type { IpAddress } from '../../shared/identity/address.ts';
import {
  delaySecondsOf,
  firstHop,
  type Hop,
  hopAfter,
  hopFrom,
  hopServer,
  timeoutsOf,
} from '../../shared/user-query/hops.ts';
import { desk } from '../support/observations.ts';
import { aSecondary, jimsWith, querySettingsWith } from '../support/query-settings.ts';

type Switch = 'on' | 'off';

const settingsOf = (clearpass: Switch, jims: Switch, ipQuery: Switch, secondary: Switch = 'off') =>
  querySettingsWith(
    { enabled: clearpass === 'on' },
    {
      identityManagement: {
        ...jimsWith({ secondary: secondary === 'on' ? aSecondary : null }),
        enabled: jims === 'on',
        ipQuery: { enabled: ipQuery === 'on', queryDelayTime: 15, maxConnections: 20 },
      },
    },
  );

/** Everybody who is asked, where each gives this answer. */
function asked(settings: ReturnType<typeof settingsOf>, heard: 'nobody' | 'failed', ip: IpAddress = desk) {
  const all: Hop[] = [];
  for (let hop = firstHop(settings, ip); hop !== undefined; hop = hopAfter(settings, ip, { hop, heard })) all.push(hop);
  return all;
}

describe('whom a question is put to', () => {
  test.each<[Switch, Switch, Switch, Switch, readonly Hop[], readonly Hop[]]>([
    // ClearPass, JIMS, its IP query, its secondary: who is asked where each knows nobody, and where each fails
    ['off', 'off', 'on', 'off', [], []],
    ['off', 'on', 'off', 'on', [], []],
    ['on', 'off', 'on', 'on', ['clearpass'], ['clearpass']],
    ['on', 'on', 'off', 'on', ['clearpass'], ['clearpass']],
    ['off', 'on', 'on', 'off', ['jims'], ['jims']],
    ['off', 'on', 'on', 'on', ['jims'], ['jims', 'jims-secondary']],
    ['on', 'on', 'on', 'off', ['clearpass', 'jims'], ['clearpass', 'jims']],
    ['on', 'on', 'on', 'on', ['clearpass', 'jims'], ['clearpass', 'jims', 'jims-secondary']],
  ])(
    'user query %s, JIMS %s with IP query %s, a secondary %s',
    (clearpass, jims, ipQuery, secondary, nobody, failed) => {
      const settings = settingsOf(clearpass, jims, ipQuery, secondary);

      expect(asked(settings, 'nobody')).toEqual(nobody);
      expect(asked(settings, 'failed')).toEqual(failed);
    },
  );

  test('follows what each is told to include and to exclude', () => {
    const settings = querySettingsWith(
      { includeAddresses: ['10.0.0.0/8'], excludeAddresses: ['10.9.0.0/16'] },
      {
        identityManagement: jimsWith({
          filters: { domains: [], includeIp: ['10.8.0.0/15'], excludeIp: ['10.8.7.0/24'] },
        }),
      },
    );
    const at = (ip: string) => asked(settings, 'nobody', ip as IpAddress);

    expect(at('10.1.1.1')).toEqual(['clearpass']);
    expect(at('10.8.1.1')).toEqual(['clearpass', 'jims']);
    expect(at('10.8.7.1')).toEqual(['clearpass']);
    expect(at('10.9.1.1')).toEqual(['jims']);
    expect(at('192.0.2.1')).toEqual([]);
  });

  test.each<[string, ReturnType<typeof settingsOf>, Hop, Hop | undefined]>([
    ['ClearPass is switched off: JIMS', settingsOf('off', 'on', 'on'), 'clearpass', 'jims'],
    ['JIMS is switched off: nobody', settingsOf('on', 'off', 'on'), 'jims', undefined],
    ['the secondary is gone: nobody', settingsOf('on', 'on', 'on'), 'jims-secondary', undefined],
    ['nothing is changed: the same', settingsOf('on', 'on', 'on', 'on'), 'jims-secondary', 'jims-secondary'],
  ])('where a question waits and %s', (_case, settings, waits, expected) => {
    expect(hopFrom(settings, desk, waits)).toBe(expected);
  });
});

test('each has its own server, delay and timeouts', () => {
  const settings = querySettingsWith(
    { delayQueryTime: 3 },
    {
      entryTimeoutMinutes: 20,
      invalidTimeoutMinutes: 25,
      identityManagement: {
        ...jimsWith({ secondary: aSecondary, port: 8443, entryTimeout: 40, invalidEntryTimeout: 45 }),
        ipQuery: { enabled: true, queryDelayTime: 7, maxConnections: 20 },
      },
    },
  );
  const of = (hop: Hop) => [hopServer(settings, hop).server, delaySecondsOf(settings, hop), timeoutsOf(settings, hop)];

  expect(of('clearpass')).toEqual(['clearpass.example.net:443', 3, { entry: 20, invalid: 25 }]);
  expect(of('jims')).toEqual(['jims.example.net:8443', 7, { entry: 40, invalid: 45 }]);
  expect(of('jims-secondary')).toEqual(['jims-2.example.net:8443', 7, { entry: 40, invalid: 45 }]);
});
