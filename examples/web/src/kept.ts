// Fetches files of an export so that they are there without a network the next time.
import { InputError } from "./input_error";

const CACHE = "kbert-export";

/** The file as the server has it; where no server answers, as it was the last time. */
export async function fetchKept(url: string): Promise<globalThis.Response> {
  // Pages that are not local and not https have no cache.
  const cache = "caches" in globalThis ? await caches.open(CACHE) : undefined;
  const kept = await cache?.match(url);
  let response: globalThis.Response;
  try {
    response = await fetch(url);
  } catch (error) {
    if (kept) return kept;
    throw new InputError(`${url}: no server answers (${error instanceof Error ? error.message : error})`);
  }
  const tag = response.headers.get("ETag");
  if (response.ok && cache && (tag === null || tag !== kept?.headers.get("ETag"))) {
    // A full disk keeps the page from working without a network, not from working.
    await cache.put(url, response.clone()).catch((error: unknown) => console.warn(`${url} is not kept:`, error));
  }
  return response;
}
