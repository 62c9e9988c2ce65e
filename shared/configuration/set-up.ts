/** The set-up of threat response list by list: each is a view of the configuration, and changes as all of it does. */
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { shippedTemplates } from '../admission/shipped-templates.ts';
import { closed, readDocument, say } from '../json-schema.ts';
import { pointerOf } from '../violation.ts';
import type { Edit } from './check-document.ts';
import { shown } from './configuration-secrets.ts';
import type { Configuration } from './configuration.ts';
import type { SetUpList } from './threat-response-schema.ts';

/** Templates that come with the service, as they are listed behind the tenant's own. */
const shipped = shippedTemplates.map(({ template, aliases }) => ({ ...template, shipped: true, aliases }));

/** The items of a list as they are shown; they can be sent back as they are. */
export function itemsOf(list: SetUpList, configuration: Configuration): readonly unknown[] {
  const { threatResponse } = shown(configuration);
  if (list !== 'templates') return threatResponse[list];
  return [...threatResponse.templates.map((template) => ({ ...template, shipped: false })), ...shipped];
}

const envelope = closed({ items: v.array(v.unknown(), say('type', 'Give a list.')) });

/** A list, whole, in the place of what stands there. Throws `configuration-invalid` where there is no list. */
export function listEdit(list: SetUpList, body: unknown): Edit {
  const { items } = readDocument(envelope, body, 'configuration-invalid');
  const sent = [...items.entries()].flatMap(([place, item]) => {
    const own = list === 'templates' ? ownTemplate(item) : item;
    return own === undefined ? [] : [{ place, own }];
  });
  const root = pointerOf(['threatResponse', list]);
  return {
    documentOver: (holds) => {
      const { threatResponse, ...rest } = shown(holds);
      return { ...rest, threatResponse: { ...threatResponse, [list]: sent.map(({ own }) => own) } };
    },
    toldAs: ({ pointer, ...violation }) => {
      const [, index, inside = ''] = /^\/(\d+)(.*)$/s.exec(pointer.slice(root.length)) ?? [];
      if (pointer !== root && !pointer.startsWith(`${root}/`)) return { pointer, ...violation };
      const place = index === undefined ? '' : `/${sent[Number(index)]?.place ?? index}${inside}`;
      return { pointer: `/items${place}`, ...violation };
    },
  };
}

/** What is shown of templates comes back with what was changed; what is shipped is nobody's to keep. */
function ownTemplate(item: unknown): unknown {
  if (shipped.some((each) => isDeepStrictEqual(each, item))) return undefined;
  if (typeof item !== 'object' || item === null || !('shipped' in item) || item.shipped !== false) return item;
  const { shipped: _, ...own } = item;
  return own;
}
