// Signing out needs the server: only when it has answered does the phone forget what it keeps of other people, rosters and pages.
// The outbox stays: it is what this person typed and the box does not have yet, and they are told before they go.

const PRIVATE_DATABASE = "tdmedu-private";
const OUTBOX_DATABASE = "tdmedu-outbox";
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

/** This person's submissions that no box has yet. A phone on which nobody took attendance has no such database, and none is made. */
function unsent(person: string): Promise<number> {
  return new Promise(resolve => {
    const request = indexedDB.open(OUTBOX_DATABASE);
    request.onupgradeneeded = () => request.transaction!.abort();
    request.onerror = () => resolve(0);
    request.onsuccess = () => {
      const db = request.result;
      const all = db.transaction("outbox", "readonly").objectStore("outbox").getAll();
      all.onsuccess = () => {
        db.close();
        resolve((all.result as { person: string; state: string }[]).filter(i => i.person === person && i.state === "phone").length);
      };
      all.onerror = () => resolve(0);
    };
  });
}

async function signOut(form: HTMLFormElement): Promise<void> {
  const { person, next, unsent: warning, offline } = form.dataset;
  const waiting = await unsent(person!);
  if (waiting > 0 && !confirm(warning!.replace("{0}", String(waiting)))) {
    return;
  }
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  } catch {
    alert(offline!);
    return;
  }
  await forget();
  location.assign(next!);
}

document.addEventListener("submit", e => {
  const form = e.target as HTMLFormElement;
  if (new URL(form.action).pathname === "/dang-xuat") {
    e.preventDefault();
    void signOut(form);
  }
});

export {};
