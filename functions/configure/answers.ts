/** Configurations, their versions and what differs, as they are answered. */
import { shown } from '../../shared/configuration/configuration-secrets.ts';
import type { Versioned } from '../../shared/configuration/configuration.ts';
import type { VersionRecord } from '../../shared/configuration/versions.ts';
import { etagOf } from '../../shared/edge/etag.ts';
import { type Answer, json } from '../../shared/edge/http.ts';

export const answerOf = ({ version, configuration }: Versioned): Answer =>
  json(200, shown(configuration), etagOf(version));

export const versionView = ({ number, version, changedAt, author, message, restored }: VersionRecord) => ({
  number,
  version,
  changedAt: new Date(changedAt).toISOString(),
  credential: author,
  message: message ?? null,
  restored: restored ?? null,
});
