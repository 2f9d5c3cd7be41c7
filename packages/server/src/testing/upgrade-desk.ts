/** Answers the upgrades of a mock and opens its sessions. What a scenario does, and what a session can do, is left to them. */
import { CLOSE_ROWS } from '../contract/index.ts';
import type { Connection } from './connection.ts';
import { MockSession } from './mock-session.ts';
import type { MockState } from './mock-state.ts';
import type { Verdict } from './rules/judge.ts';
import type { Behaviour } from './scenarios/behaviour.ts';
import { DEFAULT_TURN } from './scenarios/turns.ts';
import type { UpgradeRequest } from './upgrade-request.ts';
import type { SocketService } from './vendors/vendor.ts';

/** One dial: a connection whose request has been judged. */
interface Dial {
  readonly connection: Connection;
  readonly verdict: Verdict;
  readonly behaviour: Behaviour;
}

export class UpgradeDesk {
  readonly #state: MockState;
  /** Sessions that no one has waited for yet. */
  readonly unclaimed: MockSession[] = [];
  #opened = 0;

  constructor(state: MockState) {
    this.#state = state;
  }

  onRequest(connection: Connection, read: UpgradeRequest): void {
    const { vendor, refuses } = this.#state;
    const verdict = this.#state.receive(read, 'upgrade');
    connection.dial = verdict.number;
    if (!verdict.isRight) {
      connection.reject(vendor.errorAnswer(401, 'Invalid credentials.'));
    } else if (verdict.problems.length > 0 && refuses) {
      connection.reject(vendor.errorAnswer(400, `mock violation: ${verdict.problems.join('; ')}`));
    } else {
      this.#answer({ connection, verdict, behaviour: this.#state.behaviour });
    }
    this.#state.changes.notify();
  }

  #answer(dial: Dial): void {
    const { connection, verdict, behaviour } = dial;
    const { vendor, options } = this.#state;
    const answer = behaviour.answer?.({ request: verdict.request, secret: options.secret, vendor });
    const open = (): void => this.#open(dial, verdict.subprotocol);
    if (!answer) open();
    else if (answer.kind === 'accept') this.#open(dial, answer.subprotocol);
    else if (answer.kind === 'hold') this.#state.hold(answer.delayMs, connection.socket, open);
    else if (answer.kind === 'http') connection.reject(answer.answer);
    else if (answer.kind === 'bytes') connection.reject(answer.bytes);
  }

  #open({ connection, verdict, behaviour }: Dial, subprotocol: string | undefined): void {
    if (connection.isGone) return;
    const { vendor, options, credentials } = this.#state;
    const service = (verdict.service ?? Object.values(vendor.services)[0]) as SocketService;
    const isFree = behaviour.judgesFrames === false || options.allow?.anyFirstFrame === true;
    const id = ++this.#opened;
    const session = new MockSession({
      id,
      request: verdict.request,
      secret: options.secret,
      script: {
        converse: (turn = DEFAULT_TURN) => service.converse({ id, request: verdict.request, turn }),
        errorMessage: (reason, message) => vendor.errorMessage(reason, message),
        kindOfFrames: service.kindOfFrames,
      },
      stream: connection.stream,
      socket: connection.socket,
      answersClose: behaviour.answersClose ?? true,
      onViolation: (problem) => this.#onFrameViolation(connection.dial, session, problem),
      judgeFrame: (frame, index) => {
        const foreign =
          frame.kind === 'text' ? credentials.foreignIn(frame.payload.toString('latin1')) : undefined;
        if (foreign !== undefined) return `${foreign} in a message`;
        return isFree ? undefined : service.judgeFrame(frame, index);
      },
    });
    this.unclaimed.push(session);
    const play = (): void => void this.#state.run(connection.dial, session, behaviour.play);
    connection.accept(session, subprotocol, play);
  }

  #onFrameViolation(dial: number, session: MockSession, problem: string): void {
    this.#state.violate(dial, problem);
    if (!this.#state.refuses) return;
    session.send(this.#state.vendor.errorMessage('request', problem));
    session.close(CLOSE_ROWS.BadRequest.code, 'mock violation');
  }
}
