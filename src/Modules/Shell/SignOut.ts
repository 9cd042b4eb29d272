// Before the session ends, what the phone keeps of other people goes: rosters and pages. The outbox stays: it is what this
// person typed and the box does not have yet.

const PRIVATE_DATABASE = "tdmedu-private";
const PAGES_CACHE = "tdmedu-pages";
const WAIT_MAX_MS = 1500;

function forget(): Promise<unknown> {
  const database = new Promise<void>(resolve => {
    const request = indexedDB.deleteDatabase(PRIVATE_DATABASE);
    request.onsuccess = request.onerror = () => resolve();
  });
  const pages = "caches" in window ? caches.delete(PAGES_CACHE).catch(() => false) : Promise.resolve(false);
  return Promise.race([Promise.all([database, pages]), new Promise(resolve => setTimeout(resolve, WAIT_MAX_MS))]);
}

document.addEventListener("submit", e => {
  const form = e.target as HTMLFormElement;
  if (new URL(form.action).pathname === "/dang-xuat") {
    e.preventDefault();
    void forget().then(() => form.submit());
  }
});

export {};
