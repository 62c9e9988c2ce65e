import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failures } from '../../shared/user-query/asking.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/user-query.md', import.meta.url)), 'utf8');

test.each(Object.entries(failures))(
  '%s is documented, with whether it is asked again and counts as down',
  (reason, failure) => {
    const [line = ''] = page.split('\n').filter((each) => each.startsWith(`| \`${reason}\``));
    const last = line.split('|').at(-2)?.trim().split(' ') ?? [];

    expect(line).not.toBe('');
    expect(last.includes('again')).toBe(failure.retry === 'later');
    expect(last.includes('down')).toBe(failure.outcome === 'unreachable' && reason !== 'server-offline');
  },
);
