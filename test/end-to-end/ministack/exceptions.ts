/** Stories that fail on MiniStack because it is not AWS, each by its name and with the reason. All others pass there. */
export const exceptions: readonly { readonly story: string; readonly because: string }[] = [
  {
    story: 'embedded.test.ts: what is refused a lookup with a prefix is answered with a status, a code and what to do',
    because: 'It decodes a path before it matches it, so that "%2F" in an address is a "/" and no route leads there.',
  },
  {
    story:
      'sessions.test.ts: ids are unique per credential: two enforcement points and two tenants may use the same one',
    because: 'For the same reason a session whose id holds a "/" is at no path.',
  },
  {
    story: 'sessions.test.ts: at the doors a path that is no text is told from a session that is not there',
    because: 'It decodes a path by itself, and what is no UTF-8 in it comes to the function as another character.',
  },
  {
    story: 'front-door.test.ts: an address that a caller claims by headers is neither let in nor kept out',
    because: 'It takes X-Forwarded-For, which anybody can send, for the address of the connection.',
  },
  {
    story: 'front-door.test.ts: receipts tell the address that the caller has, those of a wrong password too',
    because: 'For the same reason a receipt tells the address that was claimed.',
  },
];
