/** What senders say, as a log can show it. */

/** Longer texts are nobody's user or id. A threat's name is cut: an endpoint is to be held however long it is. */
export const longestText = 256;

/** Half characters and controls, which no log could show, are replaced. */
export const tidied = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\ufffd')
    .trim();

export const shortened = (text: string): string => text.slice(0, longestText).toWellFormed();
