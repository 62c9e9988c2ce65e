/** Connectors as a configuration has them. */
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
