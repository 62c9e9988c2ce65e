/**
 * The form in which users, domains, groups and device values are stored and compared: NFC in the default lower case of
 * Unicode, never that of a machine's language. Folding twice changes nothing.
 */
export function foldCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  // In lower case there are composed letters that capitals lack (J with a caron), hence NFC once more.
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
