// One session on the screen: taps become a draft on the phone's disk, "Gửi" makes the draft a submission in the outbox.

import { dateOf, refusedCard, statusOf } from "./CaptureList.js";
import {
  Code, Draft, OutboxItem, Sheet, SheetRow, codesIn, fill, knownSubmissions, sessionKey, setMark, standing, submissionOf, timeOf,
} from "./CaptureModel.js";
import { CaptureOutbox } from "./CaptureOutbox.js";
import { CaptureStore } from "./CaptureStore.js";
import { RosterView, Words, countLine, element, replaceKeepingFocus } from "./CaptureView.js";

export interface SheetActions {
  back(): void;
  retry(item: OutboxItem): void;
  reopen(item: OutboxItem): void;
  discard(item: OutboxItem): void;
  /** The phone's disk refused. */
  cannotKeep(): void;
}

/** sent: "Gửi" was tapped; what is on the screen must not change until the phone's disk has it and the session is drawn anew. */
interface Session { key: string; sheet: Sheet; draft: Draft; waiting: OutboxItem[]; own: OutboxItem[]; sent: boolean }

export class CaptureSheet {
  private readonly roster: RosterView;
  private session: Session | null = null;
  /** The box's last word on the open session; it may come while something is typed, or before "Gửi" is through. */
  private newest: Sheet | null = null;
  private turn = 0;
  private saving: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly screen: HTMLElement,
    private readonly store: CaptureStore,
    private readonly outbox: CaptureOutbox,
    private readonly words: Words,
    private readonly actions: SheetActions,
  ) {
    this.roster = new RosterView(words, (row, code) => this.tap(row, code), (row, minutes) => this.late(row, minutes));
  }

  get open(): boolean {
    return this.session !== null;
  }

  /** Something is typed and not sent: news must not replace the list under somebody's finger. */
  get typing(): boolean {
    return this.session !== null && Object.keys(this.session.draft.marks).length > 0;
  }

  leave(): void {
    this.session = null;
  }

  /** The box's word that nothing can be sent, while something is typed: what is typed stays, and waits. */
  shut(why?: string): void {
    if (this.session) {
      this.session.sheet.shut = why;
      this.paint();
    }
  }

  async enter(key: string, sheet: Sheet): Promise<void> {
    this.newest = sheet;
    await this.redraw(key);
  }

  /** An item of the outbox changed, perhaps of this session, perhaps with the box's own sheet. */
  async changed(sheet?: Sheet): Promise<void> {
    const s = this.session;
    if (s && sheet && sessionKey(sheet.class, sheet.date, sheet.slot) === s.key) {
      this.newest = sheet;
    }
    if (s && !this.typing) {
      await this.redraw(s.key);
    } else if (s) {
      s.own = (await this.store.mine()).filter(i => i.session === s.key);
      if (this.session === s) {
        this.paint();
      }
    }
  }

  /** Reads the phone's disk; of several at once only the last one draws. */
  private async redraw(key: string): Promise<void> {
    const turn = ++this.turn;
    const own = (await this.store.mine()).filter(i => i.session === key);
    const kept = await this.store.draft(key);
    if (turn !== this.turn || location.hash.slice(1) !== key) {
      return;
    }
    const sheet = this.newest!;
    const waiting = own.filter(i => i.state === "phone" && !sheet.submissions.includes(i.id));
    const draft = kept || { key: "", person: this.store.person, seen: knownSubmissions(sheet, waiting), marks: {} };
    this.session = { key, sheet, draft, waiting, own, sent: false };
    this.paint();
  }

  private tap(row: SheetRow, code: Code | null): void {
    const s = this.session!;
    if (s.sent) {
      return;
    }
    const stands = standing(s.sheet, s.waiting).get(row.id);
    if (code === null && s.draft.marks[row.id]) {
      delete s.draft.marks[row.id];
    } else {
      setMark(s.draft, row, code || stands || "present", stands);
    }
    this.keep(s);
  }

  private late(row: SheetRow, minutes: number): void {
    const s = this.session!;
    if (!s.sent) {
      s.draft.marks[row.id] = "late";
      s.draft.minutes = { ...s.draft.minutes, [row.id]: minutes };
      this.keep(s);
    }
  }

  /** Who joined the list after "Gửi" and is there as well: one tap for all of them. */
  private allPresent(): void {
    const s = this.session!;
    const stands = standing(s.sheet, s.waiting);
    s.sheet.pupils.filter(row => !s.draft.marks[row.id] && !stands.get(row.id)).forEach(row => setMark(s.draft, row, "present", undefined));
    this.keep(s);
    document.getElementById("capture-send")!.focus();
  }

  private keep(s: Session): void {
    const draft = { ...s.draft, marks: { ...s.draft.marks }, minutes: { ...s.draft.minutes } };
    this.saving = this.saving.then(() => this.store.keepDraft(s.key, draft)).catch(() => this.actions.cannotKeep());
    this.paint();
  }

  private async send(button: HTMLButtonElement): Promise<void> {
    const s = this.session!;
    button.disabled = s.sent = true;
    const body = submissionOf(s.draft, s.sheet, Date.now(), onPaper());
    try {
      await this.saving;
      await this.outbox.add({ id: body.id, person: this.store.person, session: s.key, className: s.sheet.className, state: "phone", body });
      await this.store.dropDraft(s.key);
    } catch {
      button.disabled = s.sent = false;
      this.actions.cannotKeep();
      return;
    }
    if (navigator.storage && navigator.storage.persist) {
      void navigator.storage.persist();
    }
    await this.redraw(s.key);
    // "Gửi" is disabled now and would leave the focus nowhere; the news is at the top.
    document.getElementById("capture-status")!.focus();
  }

  private paint(): void {
    const s = this.session!;
    if (this.screen.dataset.screen !== "sheet" || this.screen.dataset.session !== s.key) {
      this.build(s);
    }
    const stands = standing(s.sheet, s.waiting);
    const first = s.draft.seen.length === 0;
    const codeOf = (row: SheetRow): Code | undefined => s.draft.marks[row.id] || stands.get(row.id) || (first ? row.notice ? "excused" : "present" : undefined);
    const { shut } = s.sheet;
    const minutesOf = (row: SheetRow): number | undefined => s.draft.minutes && s.draft.minutes[row.id] || row.minutes;
    this.roster.show(s.sheet, codeOf, minutesOf, row => !first && !!s.draft.marks[row.id], !!shut);
    const part = (id: string): HTMLElement => document.getElementById(id)!;
    part("capture-title").textContent =
      fill(this.words.sheetTitle, fill(this.words.className, s.sheet.className), this.words[s.sheet.slot], dateOf(s.sheet.date));
    part("capture-paper").hidden = !onPaper();
    part("capture-shut").hidden = !shut;
    part("capture-shut").textContent = shut || "";
    part("capture-count").textContent = countLine(s.sheet, codeOf, this.words);
    const button = part("capture-send") as HTMLButtonElement;
    const changes = Object.keys(s.draft.marks).length;
    button.textContent = this.sendWord(s, first, changes);
    button.disabled = !!shut || s.sent || s.sheet.pupils.length === 0 || (!first && changes === 0);
    replaceKeepingFocus(part("capture-refused"),
      ...s.own.filter(i => i.state === "refused").map(i => refusedCard(i, this.words, this.actions)));
    const newcomers = shut ? 0 : s.sheet.pupils.filter(row => !codeOf(row)).length;
    replaceKeepingFocus(part("capture-newcomers"), ...newcomers > 0 ? this.newcomers(newcomers) : []);
    const sentLine = s.sheet.submittedAtMs ? `${fill(this.words.sentAt, timeOf(s.sheet.submittedAtMs))} ` : "";
    const status = statusOf(s.own.filter(i => i.state !== "refused"), this.words);
    const merged = s.own.some(i => i.state !== "refused" && i.body.seen.length === 0)
      && s.sheet.submissions.some(id => !s.own.some(i => i.id === id)) ? ` ${this.words.merged}` : "";
    part("capture-status").replaceChildren(...[sentLine, status, merged].filter(x => x !== ""));
  }

  /** "Đã gửi" is only said of what the box has. */
  private sendWord(s: Session, first: boolean, changes: number): string {
    if (first) {
      return s.sheet.shut ? this.words.shut : this.words.send;
    }
    return changes > 0 ? fill(this.words.sendChanges, changes) : s.waiting.length > 0 ? this.words.savedWaiting : this.words.sent;
  }

  private newcomers(count: number): HTMLElement[] {
    const button = element("button", { type: "button", class: "btn btn-outline-primary", "data-action": "all-present" },
      fill(this.words.newcomersPresent, count));
    button.addEventListener("click", () => this.allPresent());
    return [element("p", { class: "mb-0" }, fill(this.words.newcomers, count)), button];
  }

  private build(s: Session): void {
    const button = element("button", { type: "button", id: "capture-send", class: "btn btn-primary" });
    button.addEventListener("click", () => void this.send(button));
    this.screen.replaceChildren(
      element("div", { class: "sheet-head" }, backButton(this.words, () => this.actions.back()), element("h1", { id: "capture-title", tabindex: "-1" })),
      element("p", { id: "capture-paper", class: "notice" }, this.words.paper),
      element("p", { id: "capture-shut", class: "notice notice-bad", role: "status" }),
      element("p", { id: "capture-status", role: "status", tabindex: "-1" }), element("ul", { id: "capture-refused", class: "class-cards" }),
      element("div", { id: "capture-newcomers", class: "notice" }), legend(this.words), this.roster.root,
      element("div", { class: "send-bar" }, element("output", { id: "capture-count" }), button));
    this.screen.dataset.screen = "sheet";
    this.screen.dataset.session = s.key;
  }
}

/** The office came from a sheet's code; the list of all classes leads out of it. */
const onPaper = (): boolean => new URLSearchParams(location.search).has("phieu");

/** What the letters mean, for the eye: each button says it by itself. */
function legend(words: Words): HTMLElement {
  const parts = codesIn(words.codes).map((code, i) => [i > 0 ? " · " : "", element("b", {}, words[`${code}Letter`]), ` ${words[code]}`]);
  return element("p", { class: "legend", "aria-hidden": "true" }, ...parts.reduce((all, part) => all.concat(part), []));
}

export function backButton(words: Words, back: () => void): HTMLElement {
  const button = element("button", { type: "button", id: "capture-back", class: "btn btn-outline-primary" }, words.back);
  button.addEventListener("click", back);
  return button;
}
