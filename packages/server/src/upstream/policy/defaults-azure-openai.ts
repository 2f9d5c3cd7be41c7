/** What messages may say on a route to Azure OpenAI's realtime API: as OpenAI's, with the deployment as model. Data. */
import { OPENAI_REALTIME_POLICY } from './defaults-openai-realtime.ts';
import type { MessagePolicy } from './policy.ts';
import { modelPlaces } from './realtime-messages.ts';

export const AZURE_OPENAI_POLICY: MessagePolicy = {
  ...OPENAI_REALTIME_POLICY,
  model: { places: modelPlaces({ session: ['session.update'] }), query: ['model', 'deployment'] },
};
