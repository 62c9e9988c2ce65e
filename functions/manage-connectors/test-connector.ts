/** POST /v1/connectors/test: what is wrong with a draft, step by step, and whether the system behind it lets us in. */
import * as v from 'valibot';
import { checkDraft, type CheckedDraft } from '../../shared/configuration/connector-draft.ts';
import type { Configuration } from '../../shared/configuration/configuration.ts';
import { shown } from '../../shared/configuration/configuration-secrets.ts';
import { type Connection, type Draft, tryDraft } from '../../shared/connectors/connector-test.ts';
import { type HttpRequest, json, readJson } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import { foldCase } from '../../shared/identity/fold-case.ts';
import { closed, readDocument, text } from '../../shared/json-schema.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { Dependencies } from './dependencies.ts';

/** So much of the time is left for writing the answer. */
const answerMs = 2_000;

export const testRequest = closed({
  /** A draft, in the form of an item of the list. */
  connector: v.exactOptional(v.unknown()),
  /** One that is stored. */
  name: v.exactOptional(text(1, 63)),
});

export async function testConnector(deps: Dependencies, request: HttpRequest) {
  readQuery(request, []);
  const asked = readDocument(testRequest, readJson(request), 'body-invalid');
  const { configuration } = await deps.configurations.current(request.tenant);
  const checked = checkDraft(configuration, draftIn(asked, configuration));
  const draft = openable(checked);
  const connection: Connection = draft
    ? await tryDraft(deps, request.tenant, draft, request.deadlineAt - answerMs)
    : { outcome: 'not-tried', detail: 'Mend what is told of the steps first.', roundTripMs: null };
  return json(200, { steps: checked.steps, connection });
}

function draftIn({ connector, name }: v.InferOutput<typeof testRequest>, configuration: Configuration): unknown {
  if ((connector === undefined) === (name === undefined)) {
    throw new ServiceError('body-invalid', 'Give either "connector", a draft, or "name", that of one that is stored.');
  }
  if (name === undefined) return connector;
  return connectorCalled(configuration, name);
}

/** As it is shown. Throws `connector-absent`. */
export function connectorCalled(configuration: Configuration, name: string) {
  const found = shown(configuration).threatResponse.connectors.find((each) => foldCase(each.name) === foldCase(name));
  if (found) return found;
  throw new ServiceError('connector-absent', 'There is no connector of this name. GET /v1/connectors lists those that there are.'); // prettier-ignore
}

/** With the secret that it is tried with. The check has seen to it that there is one, and that it may go to this host. */
function openable({ connector, kept }: CheckedDraft): Draft | undefined {
  if (connector === undefined) return undefined;
  const { password, ...rest } = connector;
  if (typeof password === 'string') return { ...rest, password: { sent: password } };
  return kept === null ? undefined : { ...rest, password: { kept } };
}
