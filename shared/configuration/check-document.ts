/** Everything that is wrong with a configuration as it is posted, by itself and beside what holds: told at once. */
import { held } from '../json-schema.ts';
import type { Violation } from '../service-error.ts';
import { configurationSchema, type PostedConfiguration } from './configuration-schema.ts';
import { mapSecrets } from './configuration-secrets.ts';
import { type Configuration, defaults } from './configuration.ts';
import { contradictions } from './contradictions.ts';
import { passwordViolations } from './password-settings.ts';
import { isObject, readable } from './readable.ts';
import { leftOut, type ReadableConfiguration, type ReadableDocument, serverViolations } from './server-settings.ts';
import { standardItems } from './standard-items.ts';

/** A document that is made of the configuration that holds. */
export interface Edit {
  readonly documentOver: (holds: Configuration) => unknown;
  /** A violation where what was sent has it, which may be a part of the document only. */
  readonly toldAs?: (violation: Violation) => Violation;
}

export interface CheckedDocument {
  /** There only where nothing is wrong. */
  readonly posted?: PostedConfiguration;
  readonly violations: readonly Violation[];
  /** What can be read of it, whatever is wrong. */
  readonly readable: ReadableConfiguration;
}

/** `kept` is the configuration whose secrets stay where the document says nothing of them. */
export function checkDocument(document: unknown, kept: Configuration): CheckedDocument {
  const { success, output, violations: wrong } = held(configurationSchema, document);
  const read = readable<ReadableDocument>(document, wrong, standardFor(document));
  const violations = [
    ...wrong,
    ...contradictions(read),
    ...serverViolations(read, kept),
    ...passwordViolations(read, kept),
  ];
  return { violations, readable: read, ...(success && violations.length === 0 && { posted: output }) };
}

/** The defaults; where a second JIMS server is given, those of a server for it. */
function standardFor(document: unknown) {
  const given = isObject(document) && isObject(document.identityManagement) && document.identityManagement.secondary;
  const { identityManagement } = defaults;
  const secondary = isObject(given) ? identityManagement.primary : null;
  const { threatResponse, ...standard } = mapSecrets(
    { ...defaults, identityManagement: { ...identityManagement, secondary } },
    (): typeof leftOut => leftOut,
  );
  return { ...standard, threatResponse: { ...threatResponse, ...standardItems(document) } };
}
