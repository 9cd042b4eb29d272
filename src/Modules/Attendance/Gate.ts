// The kiosk at the gate. The scanner is a keyboard: whatever it types goes into one field and is taken at once, so that the next card never waits.
// Cards that the box has not answered yet are in memory only: they open a pupil's sign-in.

import { fill } from "./CaptureModel.js";
import { Words, element } from "./CaptureView.js";

interface Scan { card: string; at: number }
interface Reply { name: string; className: string; at: string; minutes?: number; again: boolean }

const RETRY_MS = 3_000;
const TIMEOUT_MS = 10_000;
const WAITING_MAX = 500;
const LOG_MAX = 10;

class Gate {
  private readonly input = document.querySelector<HTMLInputElement>("#gate input")!;
  private readonly result = document.getElementById("gate-result")!;
  private readonly log = document.getElementById("gate-log")!;
  private readonly waiting = document.getElementById("gate-waiting")!;
  private readonly queue: Scan[] = [];
  private sending = false;
  /** Why cards wait, in words; empty while they do not. */
  private problem = "";

  constructor(private readonly form: HTMLFormElement, private readonly words: Words) {
    form.addEventListener("submit", e => {
      e.preventDefault();
      this.take();
    });
    // A tap beside the field, or a key while nothing is chosen, is meant for it; who goes on with the Tab key is let go.
    document.addEventListener("click", e => {
      if (!(e.target as HTMLElement).closest("a, button, input, select, summary, label")) {
        this.input.focus();
      }
    });
    document.addEventListener("keydown", () => {
      if (document.activeElement === document.body) {
        this.input.focus();
      }
    });
    // They are nowhere else.
    addEventListener("beforeunload", e => {
      if (this.queue.length > 0) {
        e.preventDefault();
      }
    });
    this.input.focus();
  }

  private take(): void {
    const card = this.input.value.trim();
    this.input.value = "";
    this.input.focus();
    if (card && this.queue.length >= WAITING_MAX) {
      this.show("refused", fill(this.words.full, WAITING_MAX));
    } else if (card) {
      this.queue.push({ card, at: performance.now() });
      this.tellWaiting();
      void this.send();
    }
  }

  private tellWaiting(): void {
    this.waiting.hidden = !this.problem;
    this.waiting.textContent = this.problem && fill(this.problem, this.queue.length);
  }

  /** One after the other, in the order of the cards; what nobody answers stays first. */
  private async send(): Promise<void> {
    if (this.sending) {
      return;
    }
    this.sending = true;
    while (this.queue.length > 0) {
      this.problem = await this.ask(this.queue[0]);
      if (!this.problem) {
        this.queue.shift();
      }
      this.tellWaiting();
      if (this.problem) {
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    }
    this.sending = false;
  }

  /** @returns why the card has to wait; empty when it was answered. */
  private async ask(scan: Scan): Promise<string> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const response = await fetch("/api/attendance/gate", {
        method: "POST",
        headers: { "Accept": "application/json", "Content-Type": "application/json", "X-TdmEdu": this.form.dataset.person! },
        body: JSON.stringify({ card: scan.card, agoMs: Math.round(performance.now() - scan.at) }),
        credentials: "same-origin", cache: "no-store", redirect: "error", signal: abort.signal,
      });
      const reply = await response.json().catch(() => null);
      if (response.status === 401) {
        return this.words.signIn;
      }
      if (!reply || response.status >= 500) {
        return this.words.waiting;
      }
      if (response.ok) {
        const arrived = reply as Reply;
        const text = arrived.again ? this.words.again : arrived.minutes ? this.words.late : this.words.onTime;
        this.show(arrived.minutes ? "late" : "on-time", fill(text, arrived.name, arrived.className, arrived.at, arrived.minutes || 0));
      } else {
        this.show("refused", reply.detail);
      }
      return "";
    } catch {
      return this.words.waiting;
    } finally {
      clearTimeout(timer);
    }
  }

  private show(what: string, text: string): void {
    this.result.className = `gate-result gate-${what}`;
    this.result.dataset.result = what;
    this.result.textContent = text;
    this.log.prepend(element("li", { class: `gate-${what}` }, text));
    while (this.log.children.length > LOG_MAX) {
      this.log.lastElementChild!.remove();
    }
  }
}

const form = document.getElementById("gate") as HTMLFormElement | null;
if (form) {
  new Gate(form, JSON.parse(document.getElementById("gate-words")!.textContent!) as Words);
}
