/** What is wrong with a configuration whose every value is right by itself. */
import type { Violation } from '../service-error.ts';
import type { ConfigurationWith } from './configuration.ts';

export type SecretPresence = 'set' | 'missing';

export function contradictions(configuration: ConfigurationWith<SecretPresence>): readonly Violation[] {
  const { clearpass, identityManagement, policies, applications } = configuration;
  const { userQuery } = clearpass;
  const { primary, secondary } = identityManagement;
  const server = ({ address, clientId, clientSecret }: typeof primary) => ({
    '/address': address,
    '/clientId': clientId,
    '/clientSecret': secretText(clientSecret),
  });
  return [
    ...repeated('/policies', policies),
    ...repeated('/applications', applications),
    ...(userQuery.enabled
      ? missing('/clearpass/userQuery', {
          '/server/name': userQuery.server.name,
          '/server/address': userQuery.server.address,
          '/clientId': userQuery.clientId,
          '/clientSecret': secretText(userQuery.clientSecret),
        })
      : []),
    ...(identityManagement.enabled
      ? [
          ...missing('/identityManagement/primary', server(primary)),
          ...(secondary ? missing('/identityManagement/secondary', server(secondary)) : []),
        ]
      : []),
  ];
}

const secretText = (presence: SecretPresence) => (presence === 'set' ? presence : '');

const missing = (at: string, values: Readonly<Record<string, string>>): readonly Violation[] =>
  Object.entries(values)
    .filter(([, value]) => value === '')
    .map(([pointer]) => ({
      pointer: at + pointer,
      rule: 'required',
      value: '',
      message: 'What is switched on needs this.',
      mend: 'Fill this in, or set "enabled" to false until it is known.',
    }));

function repeated(at: string, named: readonly { readonly name: string }[]): readonly Violation[] {
  const first = new Map<string, number>();
  return named.flatMap(({ name }, index) => {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      return [];
    }
    return [
      {
        pointer: `${at}/${index}/name`,
        value: name,
        rule: 'unique',
        message: `${at}/${earlier} has this name.`,
        mend: 'Choose another.',
      },
    ];
  });
}
