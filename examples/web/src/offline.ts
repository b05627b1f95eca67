// The service worker: keeps the page's own files, so that it opens without a network. While the server answers, its
// files are taken. Files of the export are kept by kept.ts.
/// <reference lib="webworker" />
export {};

declare const self: ServiceWorkerGlobalScope;
/** Filled in by build.mjs: the files of the page, and a name that changes with any of them. */
declare const PAGE_FILES: string[];
declare const PAGE_VERSION: string;

const PREFIX = "kbert-page-";
const CACHE = PREFIX + PAGE_VERSION;
const urls = new Set(PAGE_FILES.map((file) => new URL(file, self.location.href).href));

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...urls])));
  void self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  url.search = url.hash = "";
  if (event.request.method === "GET" && urls.has(url.href)) event.respondWith(networkFirst(event.request, url.href));
});

async function networkFirst(request: globalThis.Request, url: string): Promise<globalThis.Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(url);
    if (kept) return kept;
    throw error;
  }
}
