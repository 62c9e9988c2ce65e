/** What is wrong with the passwords of local users as they are sent. */
import type { Violation } from '../service-error.ts';
import { keysOf, ownerOf, passwordsByOwner } from './configuration-passwords.ts';
import type { Configuration } from './configuration.ts';
import { wrongAt } from './naming.ts';
import { leftOut, type ReadableConfiguration } from './server-settings.ts';

/** Each takes a good part of a tenth of a second, and a request has some seconds. */
export const mostNewPasswords = 100;

export function passwordViolations(document: ReadableConfiguration, kept: Configuration): readonly Violation[] {
  const there = passwordsByOwner(kept);
  const users = (document?.threatResponse?.authenticationServers ?? []).flatMap((server, index) =>
    server?.type === 'local' && server.name !== undefined
      ? (server.users ?? []).map((user, place) => ({ keys: keysOf(index, place), server: server.name ?? '', user }))
      : [],
  );
  const missing = users.flatMap(({ keys, server, user }) =>
    user?.name !== undefined && user.password === leftOut && !there.has(ownerOf(server, user.name))
      ? [wrongAt({ keys }, 'required', 'No password is kept for this user of this server.', 'Give the password, or null as long as nobody is to log in.')] // prettier-ignore
      : [],
  );
  const fresh = users.filter(({ user }) => typeof user?.password === 'string').length;
  if (fresh <= mostNewPasswords) return missing;
  const place = { keys: ['threatResponse', 'authenticationServers'] };
  const message = `These are ${fresh} new passwords, and ${mostNewPasswords} are taken at once.`;
  return [...missing, wrongAt(place, 'count', message, 'Give some of the users the password null, and theirs with the next call.')]; // prettier-ignore
}
