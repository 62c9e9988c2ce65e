/** What the forwarding table depends on beside entries: which groups policies name, and whose word stands first. */
import { hash } from 'node:crypto';
import type { Configuration } from '../configuration/configuration.ts';
import type { ForwardingSettings } from '../identity/forwarding-row.ts';
import { searchOrder } from '../identity/search.ts';
import { interestedGroups } from './interested-groups.ts';
import { identityWord } from './source-identity.ts';

/** Ten thousand policies are read once a version, not at every pull. */
const known = new WeakMap<Configuration, NamedAndDigest>();

/** How entries are read is beside it: that depends on what was heard of their sources, too. */
type NamedAndDigest = Omit<ForwardingSettings, 'readingAt'>;

export function forwardingSettings(configuration: Configuration): NamedAndDigest {
  const settings = known.get(configuration) ?? settingsOf(configuration);
  known.set(configuration, settings);
  return settings;
}

function settingsOf(configuration: Configuration): NamedAndDigest {
  const words = configuration.policies.flatMap(({ sourceIdentity }) => sourceIdentity.map(identityWord));
  // The order in which policies name groups, how often, and whatever else they say is in no row.
  const named = [...new Set(words)].filter((word) => word.includes('\\')).sort();
  const digest = hash('sha256', JSON.stringify([named, [...searchOrder(configuration)]]), 'hex').slice(0, 16);
  return { interested: interestedGroups(configuration.policies), digest };
}
