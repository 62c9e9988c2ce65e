/** `npm run tenant`: the provider's tenants and credentials from a terminal, and the provider's own first credential. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dynamodb } from '../shared/aws/dynamodb.ts';
import { type Role, roles } from '../shared/contract.ts';
import { dynamoCredentialStore } from '../shared/tenancy/credential-store.ts';
import { issueCredential } from '../shared/tenancy/manage-credentials.ts';
import { provider } from '../shared/tenancy/tenant.ts';
import { applyTenants, readWanted } from './apply-tenants.ts';
import { credentialsLedger } from './credentials-ledger.ts';
import { exportTenant, exportToFile, importFromFile } from './move-tenant.ts';
import { all, type Api, apiAt, bearer, type ToldCredential, type ToldTenant, wanted } from './tenant-api.ts';

const usage = `npm run tenant -- COMMAND

  provider [--name NAME] [--table TABLE | --outputs FILE]
                                  a credential of the provider, written with your AWS credentials into the table of that
                                  name, or of that deployment: cdk deploy --all --outputs-file .postern/outputs.json
  create TENANT [--name NAME]     a tenant, and a credential for each of its roles
  list                            all tenants
  credentials TENANT              its credentials; the provider's own are those of ${provider}
  credential TENANT --role ROLE [--name NAME] [--kind basic|token] [--order-by-arrival] [--expires INSTANT]
                                  one more credential
  rotate TENANT CREDENTIAL        a second secret beside the first; where there are two, the older one ends
  revoke TENANT CREDENTIAL [--secret FINGERPRINT]
                                  ends the credential, or one of its secrets

  apply FILE --credentials-to FILE [--check]
                                  the tenants that a file lists, {"tenants": [{"id", "name", "limits", "credentials", "configuration"}]}:
                                  makes what is missing, may be repeated; secrets are appended to the other file
  export TENANT [--to FILE]       all that it owns, as lines of JSON; to a file a page at a time
  import TENANT FILE              the tenant of an export, where there is none of its id
  erase TENANT --confirm TENANT   ends its credentials at once, and removes all that it owns within minutes

  --json                          the API's own answer, for programs

Roles: ${roles.join(', ')}.

All but "provider" call the API: the one of POSTERN_URL with the token of POSTERN_PROVIDER_TOKEN, or else the sandbox that
npm start has written to .postern/sandbox.json. Secrets are shown once: keep them.`;

const options = {
  name: { type: 'string' },
  role: { type: 'string' },
  kind: { type: 'string' },
  'order-by-arrival': { type: 'boolean' },
  expires: { type: 'string' },
  secret: { type: 'string' },
  to: { type: 'string' },
  confirm: { type: 'string' },
  check: { type: 'boolean' },
  'credentials-to': { type: 'string' },
  table: { type: 'string' },
  outputs: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

interface Asked {
  readonly words: readonly string[];
  readonly values: Values;
  readonly api: () => Api;
  /** The API for whoever has this authorization. */
  readonly as: (authorization: string) => Api;
}

/** What a command has to say: in words, and as the API said it. */
interface Said {
  readonly text: string;
  readonly json: unknown;
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `npm start` writes how to reach the sandbox. */
  readonly sandboxFile: string;
  readonly outputsFile: string;
}

/** What one command prints. Throws with what is wrong, in a line that says how to mend it. */
export async function tenantCommand(words: readonly string[], surroundings: Surroundings): Promise<string> {
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [name, ...rest] = positionals;
  if (values.help === true || name === undefined) return usage;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new Error(`There is no command "${name}". npm run tenant -- --help lists them.`);
  const said = await command(
    {
      words: rest,
      values,
      api: () => apiAt(...reachOf(surroundings)),
      as: (who) => apiAt(reachOf(surroundings)[0], who),
    },
    surroundings,
  );
  return values.json === true ? JSON.stringify(said.json, null, 2) : said.text;
}

const commands: Readonly<Record<string, (asked: Asked, surroundings: Surroundings) => Promise<Said>>> = {
  async provider({ values: { name = 'provider', table, outputs } }, { outputsFile }) {
    const deployed = table === undefined ? deploymentIn(outputs ?? outputsFile) : { table, url: 'ROOT_OF_THE_API' };
    const told = await issueProviderCredential(dynamodb(), deployed.table, name);
    const text = `${line(told)}\n\nexport POSTERN_URL=${deployed.url} POSTERN_PROVIDER_TOKEN=${told.token}`;
    return { text, json: told };
  },

  async create({ words, values: { name }, api }) {
    const [id] = named(words, 'TENANT');
    const created = await wanted<ToldTenant & { credentials: ToldCredential[] }>(
      api()('POST /v1/tenants', { id, ...(name !== undefined && { name }) }),
    );
    return { text: `Tenant ${created.id} is there.\n\n${created.credentials.map(line).join('\n')}`, json: created };
  },

  async list({ words, api }) {
    named(words);
    const tenants = await all<ToldTenant>(api(), '/v1/tenants');
    return {
      text: tenants.map(listLine).join('\n'),
      json: tenants,
    };
  },

  async credentials({ words, api }) {
    const [tenant] = named(words, 'TENANT');
    const credentials = await all<ToldCredential>(api(), `/v1/tenants/${encodeURIComponent(tenant)}/credentials`);
    return { text: credentials.map(line).join('\n'), json: credentials };
  },

  async credential({ words, values, api }) {
    const [tenant] = named(words, 'TENANT');
    const { name, role, kind, expires, 'order-by-arrival': orderByArrival } = values;
    if (role === undefined) throw new Error(`Say what it is for: --role with one of ${roles.join(', ')}.`);
    const wish = { role, name, kind, orderByArrival, expiresAt: expires };
    const told = await wanted<ToldCredential>(
      api()(`POST /v1/tenants/${encodeURIComponent(tenant)}/credentials`, wish),
    );
    return { text: line(told), json: told };
  },

  async apply({ words, values: { check, 'credentials-to': file }, api, as }) {
    const [list] = named(words, 'FILE');
    const tenants = readWanted(readFileSync(list, 'utf8'));
    if (file === undefined) throw new Error('Say where new secrets are to be kept: --credentials-to FILE.');
    const asked = check === true ? 'check' : 'apply';
    const outcomes = await applyTenants(
      { api: api(), as, ledger: credentialsLedger(file), asked, now: Date.now },
      tenants,
    );
    const text = outcomes
      .map(({ tenant, outcome, told }) => `${tenant.padEnd(32)} ${[outcome, ...told].join(', ')}`)
      .join('\n');
    if (outcomes.some(({ outcome }) => outcome === 'refused')) throw new Error(text);
    return { text, json: outcomes };
  },

  async export({ words, values: { to }, api }) {
    const [tenant] = named(words, 'TENANT');
    if (to !== undefined) {
      const pages = await exportToFile(api(), tenant, to);
      return { text: `Tenant ${tenant} lies in ${to}, on ${pages} pages.`, json: { file: to, pages } };
    }
    const pages: string[] = [];
    await exportTenant(api(), tenant, (page) => pages.push(page));
    return { text: pages.join('').trimEnd(), json: pages };
  },

  async import({ words, api }) {
    const [tenant, file] = named(words, 'TENANT', 'FILE');
    const told = await importFromFile(api(), tenant, file);
    const { state, pages, items, added, same, kept, secrets } = told;
    const counts = `${items} items on ${pages} pages: ${added} added, ${same} the same, ${kept} kept as they were here`;
    const anew = 'Its secrets were encrypted with the key of another deployment: give them anew in its configuration.';
    return { text: `Tenant ${tenant}: ${state}; ${counts}.${secrets === 'openable' ? '' : `\n${anew}`}`, json: told };
  },

  async erase({ words, values: { confirm = '' }, api }) {
    const [tenant] = named(words, 'TENANT');
    const path = `/v1/tenants/${encodeURIComponent(tenant)}?confirm=${encodeURIComponent(confirm)}` as const;
    const told = await wanted<ToldTenant & { takesEffect: string }>(api()(`DELETE ${path}`));
    return {
      text: `${erasureLine(told)} Its credentials are refused ${told.takesEffect.replaceAll('-', ' ')}.`,
      json: told,
    };
  },

  async rotate({ words, api }) {
    const told = await wanted<ToldCredential>(api()(`POST ${placeOf(words)}/rotate`));
    return { text: line(told), json: told };
  },

  async revoke({ words, values: { secret }, api }) {
    const body = secret === undefined ? {} : { secret };
    const told = await wanted<ToldCredential>(api()(`POST ${placeOf(words)}/revoke`, body));
    return { text: `${line(told)}\nRefused ${(told.takesEffect ?? '').replaceAll('-', ' ')}.`, json: told };
  },
};

const listLine = ({ id, name, createdAt, state }: ToldTenant) =>
  `${id.padEnd(32)} ${createdAt} ${name}${state === 'live' ? '' : ` (${state})`}`;

function erasureLine({ id, state, erasure }: ToldTenant): string {
  const removed = Object.values(erasure?.removed ?? {}).reduce((sum, count) => sum + count, 0);
  return `Tenant ${id}: ${state}; ${removed} items removed so far.`;
}

function named<Names extends readonly string[]>(words: readonly string[], ...names: Names) {
  if (words.length === names.length) return words as { readonly [Index in keyof Names]: string };
  throw new Error(`This command takes ${names.length === 0 ? 'nothing more' : names.join(' and ')}. See --help.`);
}

function placeOf(words: readonly string[]) {
  const [tenant, credential] = named(words, 'TENANT', 'CREDENTIAL');
  return `/v1/tenants/${encodeURIComponent(tenant)}/credentials/${encodeURIComponent(credential)}` as const;
}

function line({ id, name, role, user, password, token, expiresAt, revokedAt, secrets }: ToldCredential): string {
  const shown = token ?? password ?? secrets.map(({ fingerprint }) => `${fingerprint}...`).join(', ');
  const words = [
    role.padEnd(18),
    id,
    user !== undefined && `user ${user}`,
    shown !== '' && `${user === undefined ? 'token' : 'password'} ${shown}`,
    name !== role && `"${name}"`,
    expiresAt !== null && `until ${expiresAt}`,
    revokedAt !== null && `revoked ${revokedAt}`,
  ];
  return words.filter((word) => word !== false).join('  ');
}

/** The root of the API, and the provider's authorization. */
function reachOf({ environment, sandboxFile }: Surroundings): readonly [url: string, authorization: string] {
  const { POSTERN_URL: url, POSTERN_PROVIDER_TOKEN: token } = environment;
  if (url && token) return [url, bearer(token)];
  const sandbox = readJson(sandboxFile) as { url: string; credentials: Record<Role, { token: string }> } | undefined;
  if (url || token || sandbox === undefined) {
    throw new Error(
      'Set POSTERN_URL to the root of the API and POSTERN_PROVIDER_TOKEN to a token of the provider, or run npm start for a sandbox.',
    );
  }
  return [sandbox.url, bearer(sandbox.credentials.provider.token)];
}

function deploymentIn(file: string) {
  const stacks = readJson(file) as Record<string, Record<string, string>> | undefined;
  const { TenantsTableName: table, ApiUrl = '', MutualTlsUrl = ApiUrl, Url: url = MutualTlsUrl } = Object.assign({}, ...Object.values(stacks ?? {})) as Record<string, string | undefined>; // prettier-ignore
  if (table !== undefined) return { table, url };
  throw new Error(
    `${file} does not name the table of the tenants. Deploy with --outputs-file ${file}, or give --table with the output TenantsTableName.`,
  );
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // whoever needs the file says what to do without it
  }
}

/** The provider's first token cannot come from the API, which asks for one: it is written where the API looks it up. */
export async function issueProviderCredential(client: DynamoDBClient, table: string, name: string) {
  const credentials = dynamoCredentialStore(client, table);
  const { credential, secret } = await issueCredential({ credentials, now: Date.now }, provider, {
    role: 'provider',
    name,
  });
  return {
    id: credential.id,
    name,
    role: credential.role,
    kind: credential.kind,
    token: secret,
    expiresAt: null,
    revokedAt: null,
    secrets: [],
  };
}

if (import.meta.main) {
  const surroundings = {
    environment: process.env,
    sandboxFile: '.postern/sandbox.json',
    outputsFile: '.postern/outputs.json',
  };
  await tenantCommand(process.argv.slice(2), surroundings).then(console.log, (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
