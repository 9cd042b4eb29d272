// Sends what was submitted, once, whatever happens to page and network: an item is on the phone's disk before the first try,
// keeps its id on every try, and leaves the state "phone" only by the box's own answer.

import { Answer, CaptureApi } from "./CaptureApi.js";
import { OutboxItem, placeOf, Sheet } from "./CaptureModel.js";
import { CaptureStore } from "./CaptureStore.js";

const RETRY_FIRST_MS = 2_000;
const RETRY_MAX_MS = 60_000;
const RECEIPT_FIRST_MS = 3_000;
const RECEIPT_MAX_MS = 60_000;
const RECEIPT_IDS_MAX = 200;

export class CaptureOutbox {
  private timer = 0;
  private retryMs = RETRY_FIRST_MS;
  private receiptMs = RECEIPT_FIRST_MS;
  private running: Promise<void> | null = null;
  private again = false;
  needsSignIn = false;
  offline = false;

  /** @param changed called after every change of an item; with the sheet when the box sent one. */
  constructor(private readonly store: CaptureStore, private readonly api: CaptureApi, private readonly changed: (sheet?: Sheet) => void) {
    addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.wake(); } });
  }

  async add(item: OutboxItem): Promise<void> {
    await this.store.keepItem(item);
    this.changed();
    this.wake();
  }

  async retry(item: OutboxItem): Promise<void> {
    await this.add({ ...item, state: "phone", message: undefined });
  }

  /** Tries now, and starts the waiting times from the beginning. */
  wake(): void {
    this.retryMs = RETRY_FIRST_MS;
    this.receiptMs = RECEIPT_FIRST_MS;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.alone(() => this.round()).catch(() => undefined).then(() => {
      this.running = null;
      if (this.again) {
        this.again = false;
        this.wake();
      }
    });
  }

  /** One tab at a time. Where the browser has no locks the id alone makes a second sending harmless. */
  private async alone(act: () => Promise<void>): Promise<void> {
    const locks = (navigator as { locks?: LockManager }).locks;
    await (locks ? locks.request(`attendance-outbox/${this.store.person}`, act) : act());
  }

  private async round(): Promise<void> {
    const sent = await this.sendWaiting();
    const asked = sent && await this.askReceipts();
    const items = await this.store.mine();
    if (items.some(i => i.state === "phone") || !asked) {
      this.later(this.retryMs, () => { this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS); });
    } else if (items.some(i => i.state === "box")) {
      this.later(this.receiptMs, () => { this.receiptMs = Math.min(this.receiptMs * 2, RECEIPT_MAX_MS); });
    }
  }

  private later(delayMs: number, slower: () => void): void {
    clearTimeout(this.timer);
    // Half of the wait is random, so that forty phones do not come back in the same second.
    this.timer = window.setTimeout(() => {
      slower();
      const { retryMs, receiptMs } = this;
      if (!document.hidden) {
        this.wake();
        [this.retryMs, this.receiptMs] = [retryMs, receiptMs];
      }
    }, delayMs * (0.5 + Math.random() / 2));
  }

  private async sendWaiting(): Promise<boolean> {
    for (const item of (await this.store.mine()).filter(i => i.state === "phone")) {
      const answer = await this.api.submit(item.body);
      if (!this.reached(answer)) {
        return false;
      }
      if (answer.kind === "ok") {
        await this.store.keepItem({ ...item, state: placeOf(answer.value.receipt, "box"), message: undefined });
        await this.store.keepSheet(item.session, answer.value.sheet);
        this.changed(answer.value.sheet);
      } else if (answer.kind === "refused") {
        await this.store.keepItem({ ...item, state: "refused", message: answer.message });
        this.changed();
      }
    }
    return true;
  }

  private async askReceipts(): Promise<boolean> {
    // Also of what has arrived: a department that lost its data takes it back to the box, and a backup is told of the day after.
    const items = (await this.store.mine()).filter(i => i.state !== "phone" && i.state !== "refused").slice(-RECEIPT_IDS_MAX);
    if (items.length === 0) {
      return true;
    }
    const answer = await this.api.receipts(items.map(i => i.id));
    if (!this.reached(answer) || answer.kind !== "ok") {
      return false;
    }
    const moved = items.map(i => ({ ...i, state: placeOf(answer.value.receipts[i.id], i.state) })).filter((m, n) => m.state !== items[n].state);
    for (const item of moved) {
      await this.store.keepItem(item);
    }
    if (moved.length > 0) {
      this.changed();
    }
    return true;
  }

  /** What an answer says of the line, whoever asked: the page's notice follows it at once. */
  heard(answer: Answer<unknown>): void {
    const offline = answer.kind === "offline";
    const needsSignIn = offline ? this.needsSignIn : answer.kind === "signIn";
    if (offline !== this.offline || needsSignIn !== this.needsSignIn) {
      [this.offline, this.needsSignIn] = [offline, needsSignIn];
      this.changed();
    }
  }

  private reached(answer: Answer<unknown>): boolean {
    this.heard(answer);
    return answer.kind === "ok" || answer.kind === "refused";
  }
}
