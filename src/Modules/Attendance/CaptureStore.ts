// What the phone keeps. Two databases, because sign-out deletes the first (Shell/SignOut.ts) and never the second:
// rosters and days are other people's data; the outbox and drafts are what this person typed.

import { Day, Draft, OutboxItem, Sheet } from "./CaptureModel.js";

const PRIVATE = "tdmedu-private";
const OUTBOX = "tdmedu-outbox";
const KEPT_AFTER_CENTRE_MS = 2 * 24 * 3600 * 1000;

interface Kept<T> { key: string; person: string; value: T }

function open(name: string, stores: string[]): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => stores.forEach(s => request.result.createObjectStore(s, { keyPath: s === "outbox" ? "id" : "key" }));
    request.onsuccess = () => {
      // Another tab signs out: let go of the database so that it can be deleted.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction is complete, that is, on the phone's disk. */
async function run<T>(name: string, store: string, mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open(name, name === OUTBOX ? ["outbox", "drafts"] : ["sheets", "days"]);
  try {
    return await new Promise<T>((resolve, reject) => {
      // Chromium calls a commit complete before it is on the disk unless asked; browsers that do not know the option ignore it.
      const begin = db.transaction as (s: string, m: IDBTransactionMode, o: object) => IDBTransaction;
      const transaction = begin.call(db, store, mode, { durability: "strict" });
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error || request.error);
    });
  } finally {
    db.close();
  }
}

export class CaptureStore {
  constructor(readonly person: string) {}

  /** Rosters that another person of this phone left behind. */
  async forgetOthers(): Promise<void> {
    for (const store of ["sheets", "days"]) {
      const all = await run<Kept<unknown>[]>(PRIVATE, store, "readonly", s => s.getAll() as IDBRequest<Kept<unknown>[]>);
      for (const kept of all.filter(k => k.person !== this.person)) {
        await run(PRIVATE, store, "readwrite", s => s.delete(kept.key));
      }
    }
  }

  day = (date: string): Promise<Day | undefined> => this.get<Day>("days", date);
  keepDay = (day: Day): Promise<unknown> => this.put("days", day.date, day);
  sheet = (session: string): Promise<Sheet | undefined> => this.get<Sheet>("sheets", session);
  keepSheet = (session: string, sheet: Sheet): Promise<unknown> => this.put("sheets", session, sheet);

  draft = (session: string): Promise<Draft | undefined> =>
    run<Draft | undefined>(OUTBOX, "drafts", "readonly", s => s.get(`${this.person}/${session}`) as IDBRequest<Draft | undefined>);

  keepDraft(session: string, draft: Draft): Promise<unknown> {
    return run(OUTBOX, "drafts", "readwrite", s => s.put({ ...draft, key: `${this.person}/${session}` }));
  }

  dropDraft = (session: string): Promise<unknown> => run(OUTBOX, "drafts", "readwrite", s => s.delete(`${this.person}/${session}`));

  /** This person's submissions, the oldest first. Those of another person of this phone wait for their own session. */
  async mine(): Promise<OutboxItem[]> {
    const all = await run<OutboxItem[]>(OUTBOX, "outbox", "readonly", s => s.getAll() as IDBRequest<OutboxItem[]>);
    return all.filter(i => i.person === this.person).sort((a, b) => a.body.takenAtMs - b.body.takenAtMs || (a.id < b.id ? -1 : 1));
  }

  /** How many submissions of other people lie on this phone; of what is in them nothing is told. */
  async othersWaiting(): Promise<number> {
    const all = await run<OutboxItem[]>(OUTBOX, "outbox", "readonly", s => s.getAll() as IDBRequest<OutboxItem[]>);
    return all.filter(i => i.person !== this.person && i.state === "phone").length;
  }

  keepItem = (item: OutboxItem): Promise<unknown> => run(OUTBOX, "outbox", "readwrite", s => s.put(item));
  dropItem = (id: string): Promise<unknown> => run(OUTBOX, "outbox", "readwrite", s => s.delete(id));

  async prune(nowMs: number): Promise<void> {
    for (const item of (await this.mine()).filter(i => (i.state === "centre" || i.state === "backup") && nowMs - i.body.takenAtMs > KEPT_AFTER_CENTRE_MS)) {
      await this.dropItem(item.id);
    }
  }

  private async get<T>(store: string, key: string): Promise<T | undefined> {
    const kept = await run(PRIVATE, store, "readonly", s => s.get(`${this.person}/${key}`) as IDBRequest<Kept<T> | undefined>);
    return kept && kept.value;
  }

  private put<T>(store: string, key: string, value: T): Promise<unknown> {
    const kept: Kept<T> = { key: `${this.person}/${key}`, person: this.person, value };
    return run(PRIVATE, store, "readwrite", s => s.put(kept));
  }
}
