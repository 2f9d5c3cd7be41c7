/** Buttons that make something go wrong on purpose, to see what the page makes of it. */
import type { ReactElement } from 'react';
import type { TokenKind } from '../demo-contract.ts';

export function Trials({ onTry }: { onTry(kind: TokenKind): void }): ReactElement {
  return (
    <section className="card trials-card" aria-labelledby="trials">
      <h2 id="trials">See what goes wrong</h2>
      <div className="trials">
        <button type="button" onClick={() => onTry('wrong')}>
          Use a wrong token
        </button>
        <button type="button" onClick={() => onTry('short')}>
          Let the token expire
        </button>
      </div>
    </section>
  );
}
