/** What an operator reads of what was done. */
import type { Status } from './endpoint-view.ts';
import type { Mac } from './mac.ts';

interface Done {
  readonly mac: Mac;
  readonly act: 'block' | 'quarantine' | 'clear' | 'terminate' | 'investigation' | 'address';
  /** Of a clear and of an investigation: which. */
  readonly action: string;
  readonly role: string | null;
  readonly ip: string | null;
  readonly outcome: string;
  /** What the endpoint is after it. */
  readonly stays: Status;
  /** How many changes of authorization it made necessary. */
  readonly changes: number;
}

export function sentenceOf(done: Done): string {
  const told = done.changes === 0 ? '' : ` ${countOf(done.changes)} to be told to its switches.`;
  return `${what(done)}${told}`;
}

const countOf = (changes: number) => (changes === 1 ? 'One change of authorization is' : `${changes} changes of authorization are`); // prettier-ignore

function what({ mac, act, action, role, ip, outcome, stays }: Done): string {
  const held = act === 'block' ? 'blocked' : `quarantined as "${role ?? ''}"`;
  const again: Readonly<Record<string, string>> = {
    repeated: ' already; nothing changed',
    extended: ' for longer now',
  };
  switch (act) {
    case 'block':
    case 'quarantine':
      return `${mac} is ${held}${again[outcome] ?? ''}.`;
    case 'clear': {
      const which = action === 'clear-all' ? 'hold' : `reason to be ${action.replace('clear-', '')}`;
      const left = stays === 'free' ? 'It is free.' : `It stays ${stays}.`;
      return outcome === 'cleared'
        ? `${mac} has no ${which} any more. ${left}`
        : `${mac} has no ${which}: nothing to clear.`;
    }
    case 'terminate':
      return outcome === 'no-open-session'
        ? `${mac} has no open session that is not being let go of already.`
        : `The sessions of ${mac} are terminated.`;
    case 'investigation':
      return `The investigation of ${mac} is ${action}${outcome === 'cleared' ? ', and every hold is cleared' : ''}.`;
    case 'address':
      return `${mac} has the address ${ip ?? ''}.`;
  }
}

/** What the flags of an act are worth a look for. */
export const flagMessages: Readonly<Record<string, string>> = {
  'allow-list':
    'The endpoint is on the allow list: no automatic action would have done this. It was done, as an operator asked for it.',
  'mac-randomised':
    'The device made this MAC address up (it is locally administered): the hold does not follow the device to another one.',
};
