// Served at /sw.js with ASSETS (a list of addresses) and VERSION (a hash of their contents) written above it. Keeps the capture
// page alive without a network: its page and its files. Any other page says in our words that it needs the network, and a form that
// did not get through stays filled in. Answers of the API never pass through here.

declare const VERSION: string;
declare const ASSETS: string[];

(() => {
  interface Waitable extends Event { waitUntil(work: Promise<unknown>): void }
  interface Fetching extends Waitable { request: Request; respondWith(answer: Promise<Response>): void }
  interface Worker {
    skipWaiting(): Promise<void>; clients: { claim(): Promise<void> }; addEventListener(type: string, act: (e: Event) => void): void;
  }
  const worker = self as unknown as Worker;

  const ASSETS_CACHE = `tdmedu-assets-${VERSION}`;
  const PAGES_CACHE = "tdmedu-pages";
  const PAGE = "/diem-danh";
  const NEEDS_NETWORK = "/_content/modules/offline.html";
  const PASSWORDS = /\/(dang-nhap|mat-khau)$/;
  const PASSWORD = "matkhau";
  const AGAIN = '<button class="btn btn-primary">Gửi lại</button>';
  const PAGE_WAIT_MS = 3000;

  const install = async (): Promise<void> => {
    const cache = await caches.open(ASSETS_CACHE);
    await cache.addAll(ASSETS.map(path => new Request(path, { cache: "reload" })));
    await keepPage(await fetch(PAGE, { credentials: "same-origin" })).catch(() => undefined);
    await worker.skipWaiting();
  };

  const activate = async (): Promise<void> => {
    const old = (await caches.keys()).filter(name => name.startsWith("tdmedu-assets-") && name !== ASSETS_CACHE);
    await Promise.all(old.map(name => caches.delete(name)));
    await worker.clients.claim();
  };

  /** Only the page itself: a redirect to the sign-in page, or an error, must not take its place. */
  const keepPage = async (response: Response): Promise<void> => {
    if (response.ok && !response.redirected) {
      await (await caches.open(PAGES_CACHE)).put(PAGE, response);
    }
  };

  const page = async (e: Fetching): Promise<Response> => {
    const fresh = fetch(e.request);
    e.waitUntil(fresh.then(r => keepPage(r.clone())).catch(() => undefined));
    const kept = await (await caches.open(PAGES_CACHE)).match(PAGE);
    if (!kept) {
      return fresh.catch(() => needsNetwork());
    }
    const late = new Promise<Response>(resolve => setTimeout(() => resolve(kept.clone()), PAGE_WAIT_MS));
    return Promise.race([fresh.then(r => r.status >= 500 ? kept.clone() : r), late]).catch(() => kept.clone());
  };

  /** It speaks of attendance only where the page of it is kept. */
  const needsNetwork = async (): Promise<Response> => {
    const told = await (await caches.open(ASSETS_CACHE)).match(NEEDS_NETWORK);
    const kept = await (await caches.open(PAGES_CACHE)).match(PAGE);
    return !told ? Response.error() : kept ? told : html((await told.text()).replace(/data-capture/g, "hidden"));
  };

  const html = (text: string): Response => new Response(
    text, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'self'; form-action 'self'" } });

  /**
   * A form that did not get through: what was filled in is kept on the page that says so, and can be sent again from there. A page with
   * a form is never in the browser's own store, so "Back" would not bring it back. Passwords are not kept, and files cannot be.
   */
  const send = async (request: Request): Promise<Response> => {
    const copy = request.clone();
    try {
      return await fetch(request);
    } catch {
      const fields = await copy.formData().then(form => Array.from(form.entries())).catch(() => []);
      const whole = fields.length > 0 && fields.every(([, value]) => typeof value === "string") && !PASSWORDS.test(copy.url)
        && !fields.some(([name]) => name === PASSWORD);
      const form = `<form method="post" action="${escape(copy.url)}">${fields.map(hidden).join("")}${AGAIN}</form>`;
      const text = (await (await needsNetwork()).text()).replace("data-unread", "hidden")
        .replace(whole ? "data-unsent hidden" : "data-unkept hidden", "").replace("<!--form-->", () => whole ? form : "");
      return html(text);
    }
  };

  const hidden = ([name, value]: [string, FormDataEntryValue]): string =>
    `<input type="hidden" name="${escape(name)}" value="${escape(String(value))}">`;

  const escape = (text: string): string => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

  const asset = async (request: Request): Promise<Response> => {
    const cache = await caches.open(ASSETS_CACHE);
    return await cache.match(request) || fetch(request);
  };

  worker.addEventListener("install", e => (e as Waitable).waitUntil(install()));
  worker.addEventListener("activate", e => (e as Waitable).waitUntil(activate()));
  worker.addEventListener("fetch", event => {
    const e = event as Fetching;
    const url = new URL(e.request.url);
    if (url.origin === location.origin && e.request.mode === "navigate" && e.request.method === "POST") {
      e.respondWith(send(e.request));
    }
    if (e.request.method !== "GET" || url.origin !== location.origin) {
      return;
    }
    if (e.request.mode === "navigate" && url.pathname === PAGE) {
      e.respondWith(page(e));
    } else if (e.request.mode === "navigate") {
      e.respondWith(fetch(e.request).catch(() => needsNetwork()));
    } else if (ASSETS.includes(url.pathname)) {
      e.respondWith(asset(e.request));
    }
  });
})();
