/**
 * How either end of a session is opened, from the parts that dial: spares first, then a provider that is down, keys, further addresses. What
 * each of them does stands in its file.
 */
import type { Clock } from '../clock.ts';
import type { Logger } from '../observability/log.ts';
import { withBreaker, type BreakerParts, type BreakerRules } from '../upstream/breaker.ts';
import type { Connector } from '../upstream/connector.ts';
import { createOpenDial, withRawLegs, type Dial, type DialFor } from '../upstream/dial.ts';
import { createFallbackDial } from '../upstream/fallback-dial.ts';
import type { KeyedParts } from '../upstream/key-choice.ts';
import { createKeyedDial } from '../upstream/keyed-dial.ts';
import { createOpenUpstream } from '../upstream/open-upstream.ts';
import { createSpareDial } from '../upstream/spare-dial.ts';
import { createWsDial } from '../upstream/ws-dial.ts';
import { acceptRaw, type Accept } from './accept.ts';
import { createWsAccept } from './ws-accept.ts';

export interface EndsParts {
  readonly clock: Clock;
  /** What both ends pass. */
  readonly legs: 'bytes' | 'messages';
  /** Undefined to dial also a provider that is down. */
  readonly breaker: BreakerRules | undefined;
  readonly connector: Connector;
  readonly keyed: KeyedParts;
  readonly logger: Logger;
}

export interface Ends {
  readonly dial: Dial;
  readonly accept: Accept;
  /** Ends what was opened for sessions that have not come. */
  stopSpares(): void;
}

/** Both ends make legs of one kind. */
export function createEnds(parts: EndsParts): Ends {
  const { clock, legs, connector } = parts;
  const unlessDown = createGuard(parts);
  if (legs === 'messages') {
    const dial = withRetries(parts, unlessDown(createWsDial(clock, connector)));
    return { dial, accept: createWsAccept(), stopSpares: () => undefined };
  }
  const open = createOpenDial(createOpenUpstream(clock, connector));
  const spares = createSpareDial(unlessDown(open), clock);
  return {
    dial: withRetries(parts, withRawLegs(spares.dial)),
    accept: acceptRaw,
    stopSpares: () => spares.stop(),
  };
}

/** Dials of any kind, unless their provider is known to be down. */
function createGuard({
  clock,
  breaker,
  logger,
}: EndsParts): <Opened>(dial: DialFor<Opened>) => DialFor<Opened> {
  if (!breaker) return (dial) => dial;
  const parts: BreakerParts = {
    ...{ clock, rules: breaker },
    onOpened: (facts) => logger.warn(facts, 'provider is down: dials to it fail at once'),
    onClosed: (facts) => logger.info(facts, 'provider is back'),
  };
  return (dial) => withBreaker(dial, parts);
}

/** With the key to use, and with the further addresses of a provider. */
function withRetries({ clock, keyed, logger }: EndsParts, dial: Dial): Dial {
  return createFallbackDial(createKeyedDial(dial, keyed), {
    clock,
    onFellBack: (facts) => logger.info(facts, 'provider is down: its next address is tried'),
  });
}
