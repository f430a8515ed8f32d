/** Events of one turn that wait for their reader, and readers that wait for events. */

import type { HotPlexEvent } from './events.js';

type Result = IteratorResult<HotPlexEvent, undefined>;

interface Waiting {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const DONE: Result = { done: true, value: undefined };

export class Backlog {
  /** What is before `#head` was taken: to shift an array of thousands costs its length. */
  #events: { event: HotPlexEvent; size: number }[] = [];
  #head = 0;
  #readers: Waiting[] = [];
  #size = 0;
  #over = false;
  #failure: { error: unknown } | undefined;

  /** How many characters of JSON wait: near enough to bytes. */
  get size(): number {
    return this.#size;
  }

  put(event: HotPlexEvent, size: number): void {
    if (this.#over) return;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ done: false, value: event });
    this.#events.push({ event, size });
    this.#size += size;
  }

  take(): Promise<Result> {
    const next = this.#events[this.#head];
    if (next) return Promise.resolve(this.#forward(next));
    if (this.#failure) return this.#tellFailure(this.#failure.error);
    if (this.#over) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Nothing comes after what is there. */
  end(): void {
    this.#over = true;
    for (const reader of this.#readers.splice(0)) reader.resolve(DONE);
  }

  /** What waits is thrown away: one reader gets the error, now or when it asks, and the rest the end. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.discard();
    const reader = this.#readers.shift();
    if (reader) reader.reject(error);
    else this.#failure = { error };
    this.end();
  }

  /** What waits is thrown away, and what still comes too. */
  discard(): void {
    this.#over = true;
    this.#events = [];
    this.#head = this.#size = 0;
  }

  #forward(next: { event: HotPlexEvent; size: number }): Result {
    this.#head += 1;
    this.#size -= next.size;
    if (this.#head === this.#events.length) {
      this.#events = [];
      this.#head = 0;
    }
    return { done: false, value: next.event };
  }

  #tellFailure(error: unknown): Promise<Result> {
    this.#failure = undefined;
    return Promise.reject(error);
  }
}
