import type { PostedEntry } from '../../shared/wire/clearpass/posted-entry.ts';
import { codes, logon, logonFrom, meaning, notes } from '../support/posted-entries.ts';

describe('groups', () => {
  const roles = (count: number) => Array.from({ length: count }, (_, number) => `role ${number}`);
  const groups = (told: Partial<PostedEntry>) => {
    const observation = meaning(logon(told));
    return observation.operation === 'logon' ? observation.groups : [];
  };

  test('are the roles in their order, folded, each once', () => {
    expect(groups({ roles: ['B', 'a', '[User Authenticated]', 'b', 'A', 'Sales, EMEA'] })).toEqual([
      'b',
      'a',
      '[user authenticated]',
      'sales, emea',
    ]);
  });

  test('begin with the group of the posture', () => {
    expect(groups({ roles: ['staff'], posture: 'Quarantine' })).toEqual(['posture-quarantine', 'staff']);
    expect(groups({ roles: ['staff', 'Posture-Healthy'], posture: 'HEALTHY' })).toEqual(['posture-healthy', 'staff']);
  });

  test('are 200 at most, of at most 209 roles, and those dropped are told by number, user and address', () => {
    expect(groups({ roles: roles(200) })).toEqual(roles(200));
    expect(codes(logon({ roles: roles(200) }))).toEqual([]);
    expect(groups({ roles: roles(200), posture: 'HEALTHY' })).toEqual(['posture-healthy', ...roles(199)]);
    expect(notes(logon({ roles: roles(200), posture: 'HEALTHY' }))[0]).toMatchObject({
      code: 'groups-dropped',
      message: expect.stringMatching(/^alice at 192\.0\.2\.50 .* 1 were left out/) as string,
    });
    expect(groups({ roles: roles(300) })).toEqual(roles(200));
    expect(notes(logon({ roles: roles(300) }))[0]?.message).toContain('100 were left out');
    expect(notes(logon({ roles: roles(300), posture: 'HEALTHY' }))[0]?.message).toContain('101 were left out');
  });

  test('beyond the 209th role are not read, though a repeat before it was none', () => {
    const many = ['role 0', ...roles(209), 'late'];

    expect(groups({ roles: many })).toEqual(roles(200));
    expect(notes(logon({ roles: many }))[0]?.message).toContain('10 were left out');
  });

  test('that are dropped are remembered by name, the first 64 of them, so that one that a policy names can be found', () => {
    const dropped = (told: Partial<PostedEntry>) => {
      const observation = meaning(logon(told));
      return observation.operation === 'logon' ? observation.droppedGroups : [];
    };

    expect(dropped({ roles: roles(300), posture: 'HEALTHY' })).toEqual(roles(300).slice(199, 199 + 64));
    expect(dropped({ roles: roles(201) })).toEqual(['role 200']);
    expect(dropped({ roles: roles(199), posture: 'HEALTHY' })).toBe(undefined);
  });

  test('of more than 255 bytes are dropped and told, and the entry stands', () => {
    const entry = logon({ roles: ['x'.repeat(256), 'É'.repeat(128), 'y'.repeat(255)] });

    expect(meaning(entry)).toMatchObject({ groups: ['y'.repeat(255)] });
    expect(notes(entry)).toMatchObject([
      { code: 'group-too-long', message: expect.stringContaining('2 roles') as string },
    ]);
  });
});

describe('posture', () => {
  test.each(['HEALTHY', 'Checkup', 'transition', 'Quarantine', 'INFECTED', 'unknown'])(
    '%s is a token in any case',
    (posture) => {
      expect(meaning(logon({ posture }))).toMatchObject({
        posture: posture.toUpperCase(),
        groups: [`posture-${posture.toLowerCase()}`],
      });
    },
  );

  test('that is unknown is dropped and told, and the entry stands', () => {
    const entry = logon({ posture: 'SICK', roles: ['staff'] });

    expect(meaning(entry)).not.toHaveProperty('posture');
    expect(meaning(entry)).toMatchObject({ groups: ['staff'] });
    expect(codes(entry)).toEqual(['posture-unknown']);
  });
});

describe('source', () => {
  test('is kept in its own letters', () => {
    expect(meaning(logon({ source: 'Aruba ClearPass' }))).toMatchObject({ source: 'Aruba ClearPass' });
    expect(meaning(logon())).not.toHaveProperty('source');
  });

  test('of more than 255 bytes is dropped and told', () => {
    expect(meaning(logon({ source: 's'.repeat(256) }))).not.toHaveProperty('source');
    expect(codes(logon({ source: 's'.repeat(256) }))).toEqual(['source-too-long']);
  });
});

describe('device', () => {
  test('values are folded; names of custom attributes are not', () => {
    const entry = logonFrom({
      identity: 'Alice-Laptop',
      groups: ['BYOD', 'byod', 'Phones'],
      category: 'Computer',
      vendor: 'Dell',
      model: 'XPS',
      os: 'Windows',
      osVersion: '"10.0"',
      custom: [['MAC-Address', '00:AA']],
    });

    expect(meaning(entry)).toMatchObject({
      device: {
        identity: 'alice-laptop',
        groups: ['byod', 'phones'],
        category: 'computer',
        vendor: 'dell',
        model: 'xps',
        os: 'windows',
        osVersion: '"10.0"',
        custom: { 'MAC-Address': '00:aa' },
      },
    });
  });

  test('is empty where nothing was told of it', () => {
    expect(meaning(logon())).toMatchObject({ device: {} });
    expect(meaning(logonFrom({}))).toMatchObject({ device: {} });
  });

  test('values of more than 255 bytes are dropped and told', () => {
    const entry = logonFrom({ os: 'o'.repeat(256), model: 'm'.repeat(255), groups: ['g'.repeat(256)] });

    expect(meaning(entry)).toMatchObject({ device: { model: 'm'.repeat(255) } });
    expect(notes(entry)).toMatchObject([
      { code: 'device-value-too-long', message: expect.stringContaining('2 device values') as string },
    ]);
  });

  test('has 200 groups at most', () => {
    const entry = logonFrom({ groups: Array.from({ length: 201 }, (_, number) => `g${number}`) });

    expect(codes(entry)).toEqual(['device-groups-dropped']);
  });

  test('has 32 custom attributes at most', () => {
    const custom = Array.from({ length: 33 }, (_, number): [string, string] => [`tag-${number}`, 'x']);
    const entry = logonFrom({ custom });

    expect(meaning(entry)).toEqual(
      expect.objectContaining({ device: { custom: Object.fromEntries(custom.slice(0, 32)) } }),
    );
    expect(codes(entry)).toEqual(['custom-attributes-dropped']);
  });

  test.each([
    ['a name of more than 64 bytes', 'n'.repeat(65), 'x'],
    ['a value of more than 255', 'name', 'v'.repeat(256)],
    ['the name that objects keep for themselves', '__proto__', 'x'],
  ])('drops a custom attribute with %s and tells', (_, name, value) => {
    const entry = logonFrom({
      custom: [
        [name, value],
        ['n'.repeat(64), 'v'.repeat(255)],
      ],
    });

    expect(meaning(entry)).toMatchObject({ device: { custom: { ['n'.repeat(64)]: 'v'.repeat(255) } } });
    expect(codes(entry)).toEqual(['custom-attributes-dropped']);
  });

  test('keeps the first of two custom attributes of one name', () => {
    const entry = logonFrom({
      custom: [
        ['Tag', 'one'],
        ['Tag', 'two'],
        ['tag', 'three'],
      ],
    });

    expect(meaning(entry)).toMatchObject({ device: { custom: { Tag: 'one', tag: 'three' } } });
    expect(codes(entry)).toEqual(['custom-attributes-dropped']);
  });
});
