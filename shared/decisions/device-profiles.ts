/**
 * End-user profiles: kinds of devices, by what was told of a device with its user. A profile matches a device that has
 * all of its attributes, each with one of the values; if it names a domain, only with a user of that domain.
 */
import type { EndUserProfile } from '../configuration/configuration.ts';
import { foldCase } from '../identity/fold-case.ts';
import type { Device } from '../identity/observation.ts';
import type { Who } from './who.ts';

/** The names of the profiles that somebody's device matches. Whoever is not known has no device. */
export type ProfilesOf = (who: Who) => readonly string[];

type ValuesOf = (device: Device) => readonly (string | undefined)[];

/** By the names that the elements of a post have; every other name is that of a custom attribute. */
const told: Readonly<Record<string, ValuesOf>> = {
  'device-identity': ({ identity }) => [identity],
  'device-identity-groups': ({ groups = [] }) => groups,
  'device-group': ({ groups = [] }) => groups,
  'device-category': ({ category }) => [category],
  'device-vendor': ({ vendor }) => [vendor],
  'device-model': ({ model }) => [model],
  'device-os': ({ os }) => [os],
  'device-os-version': ({ osVersion }) => [osVersion],
};

const customNamed =
  (name: string): ValuesOf =>
  ({ custom = {} }) =>
    Object.hasOwn(custom, name) ? [custom[name]] : [];

export function profilesOf(profiles: readonly EndUserProfile[]): ProfilesOf {
  const compiled = profiles.map(({ name, domain, attributes }) => {
    const wanted = attributes.map(({ name: attribute, values }) => ({
      valuesOf: Object.hasOwn(told, attribute) ? (told[attribute] ?? customNamed(attribute)) : customNamed(attribute),
      values: new Set<string | undefined>(values.map(foldCase)),
    }));
    return { name, domain: domain === null ? null : foldCase(domain), wanted };
  });
  return (who) => {
    if (who.state !== 'valid') return [];
    const { device = {} } = who;
    const domain = foldCase(who.domain);
    return compiled
      .filter(
        (profile) =>
          (profile.domain === null || profile.domain === domain) &&
          profile.wanted.every(({ valuesOf, values }) => valuesOf(device).some((value) => values.has(value))),
      )
      .map(({ name }) => name);
  };
}

/** Those that some policy names. */
export const named = (profiles: readonly EndUserProfile[], names: ReadonlySet<string>): readonly EndUserProfile[] =>
  profiles.filter(({ name }) => names.has(name));
