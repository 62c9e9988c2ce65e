/** A list of the set-up as its paths read and replace it. */
import { editConfiguration } from '../../shared/configuration/change-configuration.ts';
import { checkConfiguration } from '../../shared/configuration/check-configuration.ts';
import type { Versioned } from '../../shared/configuration/configuration.ts';
import { itemsOf, listEdit } from '../../shared/configuration/set-up.ts';
import type { SetUpList } from '../../shared/configuration/threat-response-schema.ts';
import { readCommit, readConfigurationBody } from '../../shared/edge/change.ts';
import { etagOf } from '../../shared/edge/etag.ts';
import { type Answer, type Door, json } from '../../shared/edge/http.ts';
import { readQuery } from '../../shared/edge/query.ts';
import type { Dependencies } from './dependencies.ts';

/** The items, with the version of the whole configuration, of which they are a part. */
const answerOf = (list: SetUpList, { version, configuration }: Versioned): Answer =>
  json(200, { items: itemsOf(list, configuration) }, etagOf(version));

export const reading =
  (list: SetUpList): Door<Dependencies> =>
  async ({ configurations }, request) => {
    readQuery(request, []);
    return answerOf(list, await configurations.current(request.tenant));
  };

export const replacing =
  (list: SetUpList): Door<Dependencies> =>
  async (deps, request) => {
    const { asked, change, untilAt } = readCommit(request);
    const edit = listEdit(list, readConfigurationBody(request));
    return asked === 'commit'
      ? answerOf(list, await editConfiguration(deps, request.tenant, { ...edit, ...change }))
      : json(200, await checkConfiguration(deps, request.tenant, { ...edit, ...change, untilAt }));
  };
