import { maxConfigurationBytes } from '../../shared/configuration/change-configuration.ts';
import { type HttpRequest, readJson } from '../../shared/edge/http.ts';
import { ServiceError } from '../../shared/service-error.ts';

/** The document of a PUT. Throws `body-too-large` before anything of it is read, and `json-invalid`. */
export function readConfigurationBody(request: HttpRequest): unknown {
  const { length } = request.body;
  if (length <= maxConfigurationBytes) return readJson(request);
  throw new ServiceError(
    'body-too-large',
    `The configuration has ${length} bytes; ${maxConfigurationBytes} (4 MB) are taken. Leave out what its defaults say, or name prefixes instead of single addresses.`,
  );
}
