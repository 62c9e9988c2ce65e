/** The types of connectors: what each is called, what its `username` and `password` are, and which settings it declares. */
import type { ConnectorType } from '../configuration/threat-response.ts';

export interface TypeDeclaration {
  readonly label: string;
  /** What `username` is there; null: it has none. */
  readonly username: Credential | null;
  readonly password: Credential;
  readonly settings: readonly DeclaredSetting[];
}

export interface Credential {
  readonly what: string;
  /** That of one that is given anew. */
  readonly form?: Form;
}

/** A setting of one type beside those that all have. Each is a text. */
export interface DeclaredSetting {
  readonly name: string;
  readonly description: string;
  readonly type: 'string';
  readonly required: boolean;
  readonly form: Form;
}

export interface Form {
  readonly matches: RegExp;
  readonly mend: string;
}

const ancPolicy = {
  matches: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/,
  mend: 'Give the name of the policy as ISE has it: at most 32 letters, digits, "_", "." and "-".',
};

/** Basic authentication ends the name at the first ":". */
const basicUser = { matches: /^[^:]*$/, mend: 'Give a user without ":" in the name, which HTTP cannot carry.' };

/** Standard Webhooks: 24 to 64 bytes in base64, behind `whsec_`. */
const signingSecret = {
  matches: /^whsec_(?:(?:[A-Za-z0-9+/]{4}){8,20}[A-Za-z0-9+/]{3}=|(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==)?)$/,
  mend: 'Give "whsec_" and 24 to 64 random bytes in base64, as `openssl rand -base64 32` makes them.',
};

export const typeDeclarations: Readonly<Record<ConnectorType, TypeDeclaration>> = {
  'pulse-policy-secure': {
    label: 'Pulse Policy Secure',
    username: { what: 'a user who may use REST APIs', form: basicUser },
    password: { what: 'the password of that user' },
    settings: [
      {
        name: 'realm',
        description: 'Realm in which an API key is asked for with realm_auth; without it, with auth.', // prettier-ignore
        type: 'string',
        required: false,
        form: { matches: /^\S(?:.{0,61}\S)?$/, mend: 'Give the name of a realm: at most 63 characters, without blanks around it.' }, // prettier-ignore
      },
    ],
  },
  clearpass: {
    label: 'ClearPass',
    username: { what: 'the id of an API client with the grant type client_credentials' },
    password: { what: 'the secret of that API client' },
    settings: [],
  },
  'cisco-ise': {
    label: 'Cisco ISE',
    username: { what: 'an ERS administrator', form: basicUser },
    password: { what: 'the password of that administrator' },
    settings: [
      {
        name: 'quarantinePolicy',
        description: 'ANC policy that is applied to hosts that are to be in quarantine.',
        type: 'string',
        required: true,
        form: ancPolicy,
      },
      {
        name: 'blockPolicy',
        description: 'ANC policy that is applied to hosts that are to be blocked.',
        type: 'string',
        required: true,
        form: ancPolicy,
      },
    ],
  },
  webhook: {
    label: 'Signed webhook',
    username: null,
    password: { what: 'the secret that signs, in the form of Standard Webhooks', form: signingSecret },
    settings: [
      {
        name: 'path',
        description: 'What follows the host in the URL that is called; without it "/".',
        type: 'string',
        required: false,
        form: {
          matches: /^\/(?!\/)[\x21-\x22\x24-\x7e]*$/,
          mend: 'Give a path that begins with one "/", in ASCII, without blanks and fragment.',
        },
      },
    ],
  },
};
