// The page's side of the worker.
import type { Kind, Requests, Response } from "./protocol";
import { InputError } from "./input_error";

export class Client {
  readonly #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #next = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Response>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error)
        waiting?.reject(data.error.expected ? new InputError(data.error.message) : new Error(data.error.message));
      else waiting?.resolve(data.answer);
    });
    this.#worker.addEventListener("error", (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || "the worker did not start"));
      this.#waiting.clear();
    });
  }

  ask<K extends Kind>(kind: K, given: Requests[K]["given"]): Promise<Requests[K]["answer"]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#worker.postMessage({ id, kind, given });
    });
  }
}
