/** Security policies and flows that are valid by default: a case says only what matters to it. */
import { type Configuration, defaults, type SecurityPolicy } from '../../shared/configuration/configuration.ts';
import { compile } from '../../shared/decisions/compiled-policies.ts';
import type { Flow } from '../../shared/decisions/flow.ts';
import type { Who } from '../../shared/decisions/who.ts';
import { ipAddress } from '../../shared/identity/address.ts';

export const aPolicy = (told: Partial<SecurityPolicy> = {}): SecurityPolicy => ({
  name: 'staff-web',
  fromZone: 'trust',
  toZone: 'untrust',
  source: ['any'],
  destination: ['any'],
  applications: ['any'],
  sourceIdentity: ['any'],
  action: 'permit',
  log: false,
  ...told,
});

export const aFlow = (told: Partial<Flow> = {}): Flow => ({
  sourceIp: ipAddress('192.0.2.50'),
  destinationIp: '198.51.100.7',
  fromZone: 'trust',
  toZone: 'untrust',
  protocol: 6,
  destinationPort: 443,
  ...told,
});

export const ann: Who = {
  state: 'valid',
  domain: 'acme',
  user: 'ann',
  groups: ['posture-healthy', 'staff'],
  origin: 'aruba-clearpass',
};
export const nobody: Who = { state: 'none' };

/** Policies one after another, named by their place where the case gives no name. */
export const policiesOf = (...told: readonly Partial<SecurityPolicy>[]) =>
  told.map((each, place) => aPolicy({ name: `policy-${place}`, ...each }));

export const compiled = (policies: readonly SecurityPolicy[], told: Partial<Configuration> = {}) =>
  compile({ ...defaults, ...told, policies });
