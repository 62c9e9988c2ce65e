/** The report of the walk: for this machine as JSON, and as the page that is published, which tells no time. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { oddCursors, oddValues, type Observation, type Operation } from './walk.ts';
import { kinds, passingKinds } from './tables.ts';
import { alikeUsers, tenantNames } from './tenants.ts';

const place = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const page = place('docs/isolation.md');

export interface RouteReport {
  readonly route: string;
  readonly roles: readonly string[];
  /** What was put into its requests. */
  readonly tried: readonly string[];
  /** Statuses, each once: to what is another's alone, to what both have, to roles that may not call it, and to nobody. */
  readonly foreign: readonly number[];
  readonly alike: readonly number[];
  readonly refused: readonly number[];
  readonly nobody: readonly number[];
}

export interface Report {
  readonly routes: readonly RouteReport[];
  readonly observations: number;
  readonly faults: readonly string[];
  readonly items: number;
  readonly kinds: readonly string[];
}

export function routeReports(operations: readonly Operation[], observations: readonly Observation[]): RouteReport[] {
  return operations.map(({ route, roles }) => {
    const ofRoute = observations.filter((each) => each.route === route && each.kind !== 'odd');
    const allowed = ofRoute.filter(({ role }) => role !== 'nobody' && roles.includes(role));
    const statuses = (some: readonly Observation[]) => [...new Set(some.map(({ status }) => status))].sort((one, other) => one - other); // prettier-ignore
    return {
      route,
      roles,
      tried: [...new Set(allowed.map(({ tried }) => tried))],
      foreign: statuses(allowed.filter(({ kind }) => kind === 'foreign')),
      alike: statuses(allowed.filter(({ kind }) => kind === 'alike')),
      refused: statuses(ofRoute.filter(({ role }) => role !== 'nobody' && !roles.includes(role))),
      nobody: statuses(ofRoute.filter(({ role }) => role === 'nobody')),
    };
  });
}

export function keepReport(report: Report): void {
  mkdirSync(place('build'), { recursive: true });
  writeFileSync(place('build/isolation-report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
}

export const publishedPage = () => readFileSync(page, 'utf8');
export const publish = (text: string) => writeFileSync(page, text);

export const rowOf = ({ route, roles, tried, foreign, alike, refused, nobody }: RouteReport) =>
  `| ${[`\`${route}\``, roles.length > 7 ? 'every role' : roles.join(', '), tried.join(', '), ...[foreign, alike, refused, nobody].map(listed)].join(' | ')} |`;
const listed = (statuses: readonly number[]) => (statuses.length === 0 ? '–' : statuses.join(', '));

export const pageOf = async (routes: readonly RouteReport[]): Promise<string> =>
  format(textOf(routes), { ...(await resolveConfig(page)), filepath: page });

const textOf = (routes: readonly RouteReport[]) => `# Tenants never meet

\`npm run isolation\` walks every route of the document that the running service serves, with the credentials of other
tenants, and writes this page. Nothing of it is written by hand, and a test fails where a route is missing in it.

The tenants are ${tenantNames.map((name) => `\`${name}\``).join(', ')}: each one's name begins another's, or goes on where a separator could stand. All of
them hold the same addresses, MACs, names of users, session ids, ids of events and Idempotency-Keys; among the names are
${alikeUsers.length} that fold, decompose or read like one another or like a part of a key. Names, ids and secrets of
what else a tenant holds are words that nobody could guess, marks of this tenant alone. \`t1\` holds items of
${Object.keys(kinds).length - passingKinds.length} of the ${Object.keys(kinds).length} kinds that there are in the tables: all but what would change by itself meanwhile (${passingKinds.join(', ')}).

\`t10\` tries all of it on \`t1\`: by every role and by none, by roles that may not call a route too, and beside each name that is
another's one that nobody has. \`t\` on \`t1\`, and \`t1\` on \`t1-0\`, try what is another's by one role that may call the route.

What is checked:

- **Nothing is told.** No answer to another tenant, to a role that may not call the route or to nobody (status, headers, body,
  in plain text, base64, hexadecimal digits or percent-encoded) holds a mark. A caller reads again what it has sent itself, and
  that is no leak. The provider is told names of tenants and of credentials, and what a tenant holds in
  its export alone.
- **Another's is nobody's.** What is another tenant's alone is answered with the same status and code as what no tenant has: an
  answer does not even tell that something exists.
- **Nothing is changed.** The items of the attacked tenant, read from the tables past the service, and the answers to its own
  operator are the same before and after, but for the item of the feed for firewalls, which its own reads make anew. What time alone changes in answers is left out of the comparison: ids of requests,
  when a credential was used last, how long ago something was, and which addresses a whole forwarding table calls removed. What an attacker holds under an
  address, a MAC, a session, a receipt and an event of its own that nobody asked for is as it was, too, but for the endpoint.
- **Exports and imports are one tenant's.** The provider's export of each tenant holds exactly what the tables hold of it, but for its state,
  what it has used up and how its threat logs are on their way;
  one that goes on from a cursor into another's items holds nothing of them. A page with a line or a login of another tenant is refused whole.
- **Every key is one tenant's.** Each partition key in each table is that of exactly one tenant that there is. The exceptions are
  logins (\`CREDENTIAL#\` and a digest, and they say whose they are), cells of servers (\`SERVER#\`, nothing of a tenant in them) and
  the provider's own lists (\`T#_provider\`).
- **Nothing breaks.** ${oddValues.length} values that somebody would try on a key or on a path, in every name within a path, the first of them in
  every parameter of a query that reads, and ${oddCursors.length} cursors that lead nowhere, each by one role that may call the route, are refused or
  find nothing.
- **Workers keep tenants apart.** Tenants that ask one server about one address ask it each with a token of its own.
- **The checks find what is wrong.** The same checks are run against a store that takes one tenant for another, a key without its
  separator, an authorizer that takes one caller for another, an answer with something in its cursor, and one that tells what
  exists: each is found.

Messages in queues name their tenant, and no caller can write one: queues have no policy that lets in anybody but the functions,
each by its role, and a function puts in the tenant that the authorizer told it.

What cannot be seen here is what other programs see on the same hardware, how long an answer takes, and whoever has the rights of
the AWS account.

## Route by route

*Another's*: what only the other tenant has. *The same*: what both have, where each finds its own. *Other roles*: credentials whose
role may not call it. Numbers are the statuses that were answered.

| Route | Roles | Tried with | Another's | The same | Other roles | Nobody |
| ----- | ----- | ---------- | --------- | -------- | ----------- | ------ |
${routes.map(rowOf).join('\n')}
`;
