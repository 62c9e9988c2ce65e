/** A list of the set-up as its paths read and replace it. */
import { type ChangeConfiguration, editConfiguration } from '../configuration/change-configuration.ts';
import { type CheckConfiguration, checkConfiguration } from '../configuration/check-configuration.ts';
import type { Versioned } from '../configuration/configuration.ts';
import { itemsOf, listEdit } from '../configuration/set-up.ts';
import type { SetUpList } from '../configuration/threat-response-schema.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { readCommit, readConfigurationBody } from './change.ts';
import { etagOf } from './etag.ts';
import { type Answer, type Door, json } from './http.ts';
import { readQuery } from './query.ts';

type SetsUp = ChangeConfiguration & CheckConfiguration;

/** The items as they are shown, where there is more to tell of them than what is set. */
type Tell<Deps> = (deps: Deps, tenant: TenantId, versioned: Versioned) => Promise<readonly unknown[]>;

const asSet =
  (list: SetUpList): Tell<unknown> =>
  async (_, __, { configuration }) =>
    Promise.resolve(itemsOf(list, configuration));

/** The items, with the version of the whole configuration, of which they are a part. */
const answerOf = (items: readonly unknown[], { version }: Versioned): Answer => json(200, { items }, etagOf(version));

export const reading =
  <Deps extends SetsUp>(list: SetUpList, tell: Tell<Deps> = asSet(list)): Door<Deps> =>
  async (deps, request) => {
    readQuery(request, []);
    const holds = await deps.configurations.current(request.tenant);
    return answerOf(await tell(deps, request.tenant, holds), holds);
  };

export const replacing =
  <Deps extends SetsUp>(list: SetUpList, tell: Tell<Deps> = asSet(list)): Door<Deps> =>
  async (deps, request) => {
    const { asked, change, untilAt } = readCommit(request);
    const edit = listEdit(list, readConfigurationBody(request));
    if (asked === 'only') {
      return json(200, await checkConfiguration(deps, request.tenant, { ...edit, ...change, untilAt }));
    }
    const holds = await editConfiguration(deps, request.tenant, { ...edit, ...change });
    return answerOf(await tell(deps, request.tenant, holds), holds);
  };
