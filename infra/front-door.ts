/** By which address callers reach the API, said by context values of their own (`cdk deploy -c NAME=VALUE`). */
import { existsSync } from 'node:fs';

/** A domain name of the provider's, at whose root the API answers. */
export interface OwnDomain {
  readonly name: string;
  /** PEM file of the authorities whose clients may connect; without it, any client may. */
  readonly clientAuthorities?: string;
}

export type FrontDoor =
  /** A CloudFront distribution: no domain is needed, and what comes around it is refused. */
  | { readonly kind: 'cloudfront'; readonly secretNumber: number }
  /** Domain names of the provider's, behind which the API has no other address. */
  | { readonly kind: 'domain'; readonly domains: readonly OwnDomain[]; readonly certificates: Certificates }
  /** The bare address of API Gateway, with its stage before every path. */
  | { readonly kind: 'none' };

export interface Certificates {
  /** ARN of one in ACM that covers every name; without it the stack asks ACM for one a name. */
  readonly server?: string;
  /** ARN of a public one of ACM's: what proves a name to be yours where the other is imported and clients show theirs. */
  readonly ownership?: string;
}

/** The context values, by their names. What is not said is `undefined`. */
export type FrontDoorValues = Readonly<Partial<Record<(typeof frontDoorValues)[number], unknown>>>;

export const frontDoorValues = [
  'frontDoor',
  'originSecret',
  'domain',
  'mutualTls',
  'certificate',
  'ownershipCertificate',
] as const;

/** Throws for values that mean nothing or contradict each other, with what to say instead. */
export function frontDoorBy(values: FrontDoorValues): FrontDoor {
  const { frontDoor, originSecret, domain, mutualTls, certificate, ownershipCertificate } = values;
  const domains = [
    ...(domain === undefined ? [] : [{ name: domainName('domain', domain) }]),
    ...(mutualTls === undefined ? [] : [mutualTlsDomain(mutualTls)]),
  ];
  const kind = kindOf(frontDoor, domains.length > 0);
  const certificates = {
    ...(certificate !== undefined && { server: arnOf('certificate', certificate) }),
    ...(ownershipCertificate !== undefined && { ownership: arnOf('ownershipCertificate', ownershipCertificate) }),
  };
  if (kind !== 'domain' && Object.keys(certificates).length > 0) {
    throw new Error('A certificate belongs to a domain name. Say -c domain=postern.example.net too, or leave it out.');
  }
  if (domains[0]?.name === domains[1]?.name && domains.length > 1) {
    throw new Error(`mutualTls and domain both name ${domains[0]?.name ?? ''}. Give the second one a name of its own.`);
  }
  switch (kind) {
    case 'domain':
      return { kind, domains, certificates };
    case 'cloudfront':
      return { kind, secretNumber: secretNumberOf(originSecret) };
    case 'none':
      return { kind };
  }
}

function kindOf(said: unknown, hasDomains: boolean): FrontDoor['kind'] {
  if (hasDomains && said !== undefined && said !== 'domain') {
    throw new Error(`frontDoor is ${JSON.stringify(said)} and a domain name is given. Leave out one of them.`);
  }
  const kind = said ?? (hasDomains ? 'domain' : 'cloudfront');
  if (kind === 'domain' && !hasDomains)
    throw new Error('frontDoor is "domain". Say which: -c domain=postern.example.net.');
  if (kind === 'cloudfront' || kind === 'domain' || kind === 'none') return kind;
  throw new Error(`There is no front door "${String(said)}". Say one of: cloudfront, domain, none.`);
}

/** One more each time that the secret is to be another. */
function secretNumberOf(said: unknown = 1): number {
  const number = Number(said);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`originSecret is "${String(said)}". Say its number: 1 at first, then one more for each rotation.`);
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const names = new RegExp(`^${label}(?:\\.${label})+$`);

function domainName(value: 'domain' | 'mutualTls', said: unknown): string {
  const name = String(said);
  if (names.test(name) && name.length <= 253) return name;
  throw new Error(
    `${value} is "${name}". Say a domain name in small letters, as postern.example.net, without https:// and path.`,
  );
}

function mutualTlsDomain(said: unknown): OwnDomain {
  const [name = '', ...file] = String(said).split('=');
  const clientAuthorities = file.join('=');
  if (clientAuthorities === '') {
    throw new Error(
      `mutualTls is "${String(said)}". Say -c mutualTls=NAME=FILE: a domain name, and a PEM file of authorities.`,
    );
  }
  if (!existsSync(clientAuthorities)) {
    throw new Error(
      `mutualTls names "${clientAuthorities}", which is not there. Name a PEM file of the authorities whose clients may connect.`,
    );
  }
  return { name: domainName('mutualTls', name), clientAuthorities };
}

function arnOf(value: 'certificate' | 'ownershipCertificate', said: unknown): string {
  const arn = String(said);
  if (/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn)) return arn;
  throw new Error(`${value} is "${arn}". Say the ARN of a certificate in ACM, of the region that you deploy to.`);
}
