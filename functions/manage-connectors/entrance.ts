/** Under `/api` the vendor's words hold, errors included; under `/v1` ours. */
import { type Answer, type Entrance, type HttpRequest, problemJson } from '../../shared/edge/http.ts';
import { type ActsOnce, onceByKey } from '../../shared/edge/once.ts';
import { problemPulse } from '../../shared/edge/pulse.ts';

const isVendors = ({ route }: HttpRequest) => route.includes(' /api/');

export const entrance = {
  // The vendor knows no keys; and a refusal that is kept is kept in our words.
  around: async (deps: ActsOnce, request: HttpRequest, act: () => Promise<Answer>) =>
    isVendors(request) ? act() : onceByKey.around(deps, request, act),
  problem: (problem, request) => (isVendors(request) ? problemPulse(problem) : problemJson(problem)),
} satisfies Entrance<ActsOnce>;
