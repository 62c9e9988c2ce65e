/** Connectors as a configuration has them, and as people send them. */
import { type Configuration, defaults } from '../../shared/configuration/configuration.ts';
import type { KeptConnector } from '../../shared/connectors/open-connector.ts';

export const aConnector = (told: Partial<KeptConnector> = {}): KeptConnector => ({
  name: 'pps-1',
  description: '',
  type: 'pulse-policy-secure',
  address: 'pps.example.net',
  port: 443,
  connectMethod: 'https',
  caCertificate: null,
  username: 'enforcer',
  password: null,
  subnets: ['10.0.0.0/8'],
  settings: {},
  ...told,
});

/** A secret that signs, in the form of Standard Webhooks. */
export const signs = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

/** A connector of each type as somebody sends it. */
export const sentConnectors = {
  pulse: {
    name: 'campus',
    type: 'pulse-policy-secure',
    address: 'pps.example.net',
    username: 'enforcer',
    password: 'written, never read back',
    subnets: ['10.1.0.0/16', '2001:db8:1::/48'],
    settings: { realm: 'REST users' },
  },
  clearpass: {
    name: 'cellar',
    type: 'clearpass',
    address: 'clearpass.example.net',
    username: 'postern',
    password: 'written, never read back',
    subnets: ['10.1.2.0/24'],
  },
  ise: {
    name: 'branch-1',
    type: 'cisco-ise',
    address: '198.51.100.9',
    port: 9060,
    username: 'ers-admin',
    password: 'written, never read back',
    subnets: ['10.2.0.0/16'],
    settings: { quarantinePolicy: 'Quarantine', blockPolicy: 'Shut_Down' },
  },
  webhook: {
    name: 'own-script',
    type: 'webhook',
    address: 'hooks.example.net',
    password: signs,
    subnets: ['0.0.0.0/0', '::/0'],
    settings: { path: '/postern?site=1' },
  },
} as const;

/** A configuration that has these, each with a secret that is kept. */
export const connectorsKept = (kept: readonly object[]): Configuration =>
  ({ ...defaults, threatResponse: { ...defaults.threatResponse, connectors: kept.map((each) => ({ port: 443, connectMethod: 'https', ...each, password: { kept: 'secret' } })) } }) as unknown as Configuration; // prettier-ignore
