/** Configurations to test with, as people send them. */

import { aThreatResponse } from './threat-response.ts';

/** A document with one value in it, at this JSON pointer. */
export const at = (pointer: string, value: unknown): unknown =>
  pointer.split('/').slice(1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value); // prettier-ignore

/** Of nobody: its key was thrown away. */
export const aCertificate = `-----BEGIN CERTIFICATE-----
MIIBljCCAT2gAwIBAgIUJFb7j89oNy1TbUfjoq6LOGm7ZzcwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVY2xlYXJwYXNzLmV4YW1wbGUubmV0MCAXDTI2MTEyMjExMzYw
MFoYDzIxMjYxMDI5MTEzNjAwWjAgMR4wHAYDVQQDDBVjbGVhcnBhc3MuZXhhbXBs
ZS5uZXQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQafUddSejlxlbdUBJlbElT
javLIeCLFqyYtVGg2yndbFnFHMpxclUFNSbXYHDx5ly4r+YaMdz1Di75PYFZV7Ae
o1MwUTAdBgNVHQ4EFgQUDOO49T23w5yFkBFUcV9m5Y/5vCcwHwYDVR0jBBgwFoAU
DOO49T23w5yFkBFUcV9m5Y/5vCcwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD
AgNHADBEAiAVbiV1/qiUHkymFRG8u6cn50d0JiDVdciXK9YCtNLlAwIgXeHdkW2p
Z3g7uy+Z58Buia1BZwV5wLVhLTOuBOe7iRg=
-----END CERTIFICATE-----
`;

/** Nothing is left to a default. */
export const aFullConfiguration = {
  clearpass: {
    entryTimeout: 30,
    invalidEntryTimeout: 30,
    userQuery: {
      enabled: true,
      server: { name: 'cppm', address: 'clearpass.example.net', port: 443, connectMethod: 'https' },
      caCertificate: null,
      clientId: 'postern',
      clientSecret: 'written, never read back',
      tokenApi: 'api/oauth',
      queryApi: 'api/insight/endpoint/ip/$IP$',
      delayQueryTime: 15,
      includeAddresses: [],
      excludeAddresses: [],
    },
  },
  activeDirectory: { enabled: false },
  identityManagement: {
    enabled: false,
    entryTimeout: 60,
    invalidEntryTimeout: 30,
    primary: { address: '', clientId: '', clientSecret: '', caCertificate: null },
    secondary: null,
    port: 443,
    tokenApi: 'oauth_token/oauth',
    queryApi: 'user_query/v2',
    batchQuery: { itemsPerBatch: 200, queryInterval: 5 },
    ipQuery: { enabled: true, queryDelayTime: 15, maxConnections: 20 },
    filters: { domains: [], includeIp: [], excludeIp: [] },
    preserveValidUser: false,
  },
  priorities: {
    local: 100,
    'aruba-clearpass': 110,
    'secure-web-gateway': 120,
    'active-directory': 125,
    'firewall-authentication': 150,
    'unified-access-control': 200,
  },
  policies: [
    {
      name: 'staff-web',
      fromZone: 'trust',
      toZone: 'untrust',
      source: ['any'],
      destination: ['198.51.100.0/24'],
      applications: ['https'],
      sourceIdentity: ['acme\\staff'],
      action: 'permit',
      log: true,
    },
  ],
  applications: [],
  defaultPolicy: 'deny',
  networks: [],
  webApi: { allowedClients: [], excludeAddresses: [] },
  threatLogs: {
    enabled: true,
    filter: 'threat-attack',
    rateLimit: 1000,
    threatActions: false,
    destination: { address: '', port: 514, transport: 'udp', caCertificate: null },
  },
  receipts: { days: 30 },
  endUserProfiles: [],
  whenSilent: {
    'aruba-clearpass': { afterMinutes: null, action: 'expire' },
    'identity-management': { afterMinutes: null, action: 'expire' },
    'active-directory': { afterMinutes: null, action: 'expire' },
  },
  threatResponse: aThreatResponse,
};
