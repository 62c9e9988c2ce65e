/**
 * The elements of a post, each with what may stand in it and what becomes of its text. Their order never matters,
 * attributes mean nothing, and text beside elements is passed over.
 */
import type { PostDraft } from './post-draft.ts';
import type { PostedDevice } from './posted-entry.ts';

export interface Element {
  readonly children: ReadonlyMap<string, Element>;
  /** What a child is that `children` does not name. */
  readonly other: () => Element;
  readonly opened?: (post: PostDraft, name: string) => void;
  /** Hears the element's text, trimmed: only where there is any, and no element beside it. */
  readonly said?: (post: PostDraft, text: string, name: string) => void;
}

const none: ReadonlyMap<string, Element> = new Map();

const holding = (children: Record<string, Element>, other = (): Element => ignored): Element => ({
  children: new Map(Object.entries(children)),
  other,
});

const text = (said: Required<Element>['said']): Element => ({ children: none, other: () => misplaced, said });

/** Says who is where and when: a second one leaves open which is meant. */
const decisive = (field: 'operation' | 'ip' | 'domain' | 'user' | 'timestamp') =>
  text((post, value, name) => {
    if (post.entry[field] === undefined) post.entry[field] = value;
    else post.refuse('field-repeated', `<${name}> stands twice in this entry. Send one, or two entries.`);
  });

const surplus = (post: PostDraft, name: string) =>
  post.tell('field-repeated', `<${name}> stands twice in this entry; the first was taken. Send one.`);

const optional = (field: 'source' | 'posture') =>
  text((post, value, name) => {
    if (post.entry[field] === undefined) post.entry[field] = value;
    else surplus(post, name);
  });

const ofDevice = (field: Exclude<keyof PostedDevice, 'groups' | 'custom'>) =>
  text((post, value, name) => {
    if (post.device[field] === undefined) post.device[field] = value;
    else surplus(post, name);
  });

const ignored: Element = {
  children: none,
  other: () => ignored,
  opened: (post, name) =>
    post.tell('element-unknown', `<${shown(name)}> is not a field of an entry and was passed over. Leave it out.`),
};

const misplaced: Element = {
  children: none,
  other: () => misplaced,
  opened: (post, name) =>
    post.refuse('field-not-text', `<${shown(name)}> stands where only text may stand. Write the value as plain text.`),
};

/** An element inside it is passed over, where other fields refuse the entry: what a vendor adds must lock nobody out. */
const custom: Element = {
  children: none,
  other: () => ignored,
  said: (post, value, name) => post.device.custom.push([name, value]),
};

const deviceAttributes = holding(
  {
    'device-identity': holding({
      value: ofDevice('identity'),
      groups: holding({ group: text((post, value) => post.device.groups.push(value)) }),
    }),
    'device-category': ofDevice('category'),
    'device-vendor': ofDevice('vendor'),
    'device-model': ofDevice('model'),
    'device-os': ofDevice('os'),
    'device-os-version': ofDevice('osVersion'),
  },
  () => custom,
);

const entry: Element = {
  ...holding({
    source: optional('source'),
    timestamp: decisive('timestamp'),
    operation: decisive('operation'),
    IP: decisive('ip'),
    domain: decisive('domain'),
    user: decisive('user'),
    'role-list': holding({ role: text((post, value) => post.entry.roles.push(value)) }),
    posture: optional('posture'),
    // One client sends how long the entry is to live, in seconds. That is the tenant's setting, never the sender's.
    timeout: text(() => undefined),
    // The old spelling of the element in end-user-attribute.
    device_category: ofDevice('category'),
    'end-user-attribute': deviceAttributes,
  }),
  opened: (post) => post.begin(),
};

/** Counted as an entry that is refused: a misspelt `userfw-entry` must not be lost without a word. */
const stray: Element = {
  children: none,
  other: () => strayContent,
  opened: (post, name) => {
    post.begin();
    post.refuse('element-unknown', `<${shown(name)}> is no entry. Only <userfw-entry> stands in <userfw-entries>.`);
  },
};

const strayContent: Element = { children: none, other: () => strayContent };

const wrongRoot: Element = {
  children: none,
  other: () => wrongRoot,
  opened: (post, name) =>
    post.fail('xml-wrong-root', `The root element is <${shown(name)}>. Put all entries into <userfw-entries>.`),
};

/** What stands above the root. */
export const documentElement = holding(
  { 'userfw-entries': holding({ 'userfw-entry': entry }, () => stray) },
  () => wrongRoot,
);

/** A sender's name for something, short enough for a message. */
const shown = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}...` : name);
