/** Permission requests that can be answered where they are read. */

import type { PermissionRequest } from './events.js';
import type { Decision } from './options.js';

interface Responder {
  respond(requestId: string, decision: Decision): void;
}

/** Not enumerable: what is logged or compared is what the agent asked. */
export function askable(request: PermissionRequest, turn: Responder): void {
  const answer = (decision: Decision): void => turn.respond(request.requestId, decision);
  Object.defineProperties(request, {
    allow: {
      value: (updatedInput?: Record<string, unknown>) =>
        answer(updatedInput ? { behavior: 'allow', updatedInput } : { behavior: 'allow' }),
    },
    deny: {
      value: (message?: string, options?: { interrupt?: boolean }) =>
        answer({ behavior: 'deny', ...(message === undefined ? {} : { message }), ...options }),
    },
  });
}
