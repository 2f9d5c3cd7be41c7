/** Typed events in which a listener that throws breaks neither the others nor the emitter. */
import { EventEmitter } from 'eventemitter3';

type Listener<Payload> = (payload: Payload) => void;

/** Each event has one payload; `Events` maps names to payload types. */
export class Emitter<Events extends object> {
  readonly #events = new EventEmitter();

  /** Returns the function that removes the listener. */
  on<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): () => void {
    this.#events.on(name, callIsolated, listener);
    return () => this.off(name, listener);
  }

  /** Like `on`, for the next event only. */
  once<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): () => void {
    this.#events.once(name, callIsolated, listener);
    return () => this.off(name, listener);
  }

  off<Name extends keyof Events & string>(name: Name, listener: Listener<Events[Name]>): void {
    this.#events.off(name, callIsolated, listener);
  }

  emit<Name extends keyof Events & string>(name: Name, payload: Events[Name]): void {
    this.#events.emit(name, payload);
  }
}

/** The listener itself is the emitter's context, so that `once` and `off` find it without a table of wrappers. */
function callIsolated(this: Listener<unknown>, payload: unknown): void {
  try {
    this(payload);
  } catch (error) {
    // Reaches window.onerror or uncaughtException, as an error in a listener of the platform's own events does.
    queueMicrotask(() => {
      throw error;
    });
  }
}
