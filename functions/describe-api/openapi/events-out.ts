/** The detail of an event on the bus as a JSON Schema of its own, for those who listen. */
import { publishedDetail } from '../../../shared/api/events.ts';
import { schemaOf } from './schema-of.ts';

/** Words may be added within 1.x as members may: a listener that took only those of today would refuse what comes. */
const withOpenWords = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"enum":', '"examples":')) as object;

export const eventsOut = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The detail of an event of Postern, version 1',
  ...withOpenWords(schemaOf(publishedDetail, 'answered')),
};
