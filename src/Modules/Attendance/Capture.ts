// The capture page: what is on the screen and what happens on a tap. Everything typed is on the phone's disk before anything else.

import { Answer, CaptureApi } from "./CaptureApi.js";
import { ListActions, listScreen, refusedCard, statusOf, timeOf } from "./CaptureList.js";
import { Code, Day, Draft, OutboxItem, Sheet, SheetRow, Slot, fill, knownSubmissions, sessionKey, setMark, standing, submissionOf } from "./CaptureModel.js";
import { CaptureOutbox } from "./CaptureOutbox.js";
import { CaptureStore } from "./CaptureStore.js";
import { RosterView, Words, countLine, element } from "./CaptureView.js";

const PREFETCH_CLASSES_MAX = 8;
const REFRESH_MS = 60_000;

interface Session { key: string; sheet: Sheet; draft: Draft; waiting: OutboxItem[]; own: OutboxItem[] }

class Capture implements ListActions {
  private readonly screen = document.getElementById("capture-screen")!;
  private readonly notice = document.getElementById("capture-notice")!;
  private readonly store: CaptureStore;
  private readonly api: CaptureApi;
  private readonly outbox: CaptureOutbox;
  private readonly roster: RosterView;
  private day: Day | null = null;
  private slot: Slot = "morning";
  private session: Session | null = null;
  private offline = false;
  private saving: Promise<unknown> = Promise.resolve();

  constructor(private readonly person: string, private readonly words: Words) {
    this.store = new CaptureStore(person);
    this.api = new CaptureApi(person);
    this.outbox = new CaptureOutbox(this.store, this.api, sheet => void this.onSent(sheet));
    this.roster = new RosterView(words, (row, code) => this.tap(row, code));
    addEventListener("popstate", () => void this.route());
    const refresh = (): void => { if (!document.hidden && !location.hash) { void this.loadDay(this.day ? this.day.date : ""); } };
    setInterval(refresh, REFRESH_MS);
    addEventListener("online", refresh);
    document.addEventListener("visibilitychange", refresh);
  }

  async start(): Promise<void> {
    await this.store.forgetOthers();
    await this.store.prune(Date.now());
    this.outbox.wake();
    const [, date, slot] = location.hash.slice(1).split("/");
    await this.loadDay(date || "", slot as Slot);
    await this.route();
    await this.prefetch();
  }

  open(schoolClass: string): void {
    history.pushState(null, "", `#${sessionKey(schoolClass, this.day!.date, this.slot)}`);
    void this.route();
  }

  choose(slot: Slot, date: string): void {
    this.slot = slot;
    if (date === this.day!.date) {
      void this.paint();
    } else {
      void this.loadDay(date, slot).then(() => this.paint());
    }
  }

  retry(item: OutboxItem): void {
    void this.outbox.retry(item);
  }

  /** A refused submission becomes a draft again; what was typed since then stands above it. */
  async reopen(item: OutboxItem): Promise<void> {
    const marks: Draft["marks"] = {};
    item.body.marks.forEach(m => { marks[m.pupil] = m.code; });
    const sheet = await this.store.sheet(item.session);
    const newer = await this.store.draft(item.session);
    const seen = item.body.seen.filter(id => !sheet || sheet.submissions.includes(id));
    await this.store.keepDraft(item.session, { key: "", person: this.person, seen, marks: { ...marks, ...(newer ? newer.marks : {}) } });
    await this.store.dropItem(item.id);
    this.session = null;
    if (location.hash !== `#${item.session}`) {
      history.pushState(null, "", `#${item.session}`);
    }
    await this.route();
  }

  private async loadDay(date: string, slot?: Slot): Promise<void> {
    const answer = await this.api.day(date);
    this.heard(answer);
    if (answer.kind === "ok" && answer.value.person !== this.person) {
      location.reload();
      return;
    }
    const first = this.day === null;
    if (answer.kind === "ok") {
      this.day = answer.value;
      await this.store.keepDay(this.day);
    } else {
      this.day = await this.store.day(date || schoolDate()) || this.day;
    }
    if (this.day && (first || slot)) {
      this.slot = slot || (answer.kind === "ok" ? this.day.slot : slotNow());
    }
    if (!this.session) {
      await this.paint();
    }
  }

  /** Rosters of a teacher's few classes, so that the first tap works without Wi-Fi. */
  private async prefetch(): Promise<void> {
    if (!this.day || this.day.anyDate) {
      return;
    }
    for (const c of this.day.classes.slice(0, PREFETCH_CLASSES_MAX)) {
      for (const s of c.sessions) {
        await this.fetchSheet(sessionKey(c.id, this.day.date, s.slot));
      }
    }
  }

  private async fetchSheet(key: string): Promise<Answer<Sheet>> {
    const answer = await this.api.sheet(key);
    this.heard(answer);
    if (answer.kind === "ok") {
      await this.store.keepSheet(key, answer.value);
    }
    return answer;
  }

  /** The address after # names the session; without one it is the list. */
  private async route(): Promise<void> {
    const key = location.hash.slice(1);
    this.session = null;
    if (!key) {
      await this.paint();
      return;
    }
    let sheet = await this.store.sheet(key);
    if (sheet) {
      await this.enter(key, sheet);
    }
    const answer = await this.fetchSheet(key);
    if (location.hash.slice(1) !== key) {
      return;
    }
    const shown = this.session as Session | null;
    if (answer.kind === "ok") {
      sheet = answer.value;
      // News never replaces the list under somebody's finger.
      if (!shown || Object.keys(shown.draft.marks).length === 0) {
        await this.enter(key, sheet);
      }
    } else if (answer.kind === "refused") {
      this.session = null;
      this.screen.replaceChildren(this.backButton(), element("p", { class: "notice notice-bad", id: "capture-denied" }, answer.message));
    } else if (!shown) {
      this.screen.replaceChildren(this.backButton(), element("p", { class: "notice" }, this.words.noRoster));
    }
  }

  private async enter(key: string, sheet: Sheet): Promise<void> {
    const own = (await this.store.mine()).filter(i => i.session === key);
    const waiting = own.filter(i => i.state === "phone" && !sheet.submissions.includes(i.id));
    const draft = await this.store.draft(key) || { key: "", person: this.person, seen: knownSubmissions(sheet, waiting), marks: {} };
    this.session = { key, sheet, draft, waiting, own };
    await this.paint();
  }

  private tap(row: SheetRow, code: Code | null): void {
    const s = this.session!;
    const stands = standing(s.sheet, s.waiting).get(row.id);
    if (code === null && s.draft.marks[row.id]) {
      delete s.draft.marks[row.id];
    } else {
      setMark(s.draft, row, code || stands || "present", stands);
    }
    const draft = { ...s.draft, marks: { ...s.draft.marks } };
    this.saving = this.saving.then(() => this.store.keepDraft(s.key, draft)).catch(() => this.say(this.words.cannotKeep, true));
    void this.paint();
  }

  private async send(): Promise<void> {
    const s = this.session!;
    const body = submissionOf(s.draft, s.sheet, Date.now());
    try {
      await this.saving;
      await this.outbox.add({ id: body.id, person: this.person, session: s.key, className: s.sheet.className, state: "phone", body });
      await this.store.dropDraft(s.key);
    } catch {
      this.say(this.words.cannotKeep, true);
      return;
    }
    if (navigator.storage && navigator.storage.persist) {
      void navigator.storage.persist();
    }
    await this.enter(s.key, s.sheet);
  }

  /** An item changed. The open session shows it, but keeps what is being typed. */
  private async onSent(sheet?: Sheet): Promise<void> {
    if (sheet && this.day && this.day.date === sheet.date) {
      this.day.classes.filter(c => c.id === sheet.class).forEach(c => c.sessions.filter(x => x.slot === sheet.slot)
        .forEach(x => { x.tally = sheet.tally; x.submittedAtMs = sheet.submittedAtMs; }));
      await this.store.keepDay(this.day);
    }
    const s = this.session;
    if (s) {
      s.own = (await this.store.mine()).filter(i => i.session === s.key);
      const about = sheet && sessionKey(sheet.class, sheet.date, sheet.slot) === s.key;
      if (about && this.session === s && Object.keys(s.draft.marks).length === 0) {
        await this.enter(s.key, sheet!);
        return;
      }
    }
    await this.paint();
  }

  private heard(answer: Answer<unknown>): void {
    this.offline = answer.kind === "offline";
    this.outbox.needsSignIn = this.outbox.needsSignIn || answer.kind === "signIn";
    this.showNotice();
  }

  private showNotice(): void {
    if (this.outbox.needsSignIn) {
      this.say(this.words.signInAgain, true, element("a", { class: "btn btn-primary", href: "/dang-nhap?tiep=/diem-danh" }, this.words.signIn));
    } else if (this.offline) {
      this.say(this.words.offline, false);
    } else {
      this.notice.hidden = true;
    }
  }

  private say(text: string, bad: boolean, ...more: Node[]): void {
    this.notice.hidden = false;
    this.notice.className = bad ? "notice notice-bad" : "notice";
    this.notice.replaceChildren(text, ...more);
  }

  private async paint(): Promise<void> {
    this.showNotice();
    if (this.session) {
      this.paintSession(this.session);
      return;
    }
    if (location.hash) {
      return;
    }
    const items = await this.store.mine();
    if (this.day && !this.session && !location.hash) {
      this.screen.dataset.screen = "list";
      this.screen.replaceChildren(...listScreen(this.day, this.slot, items, this.words, this));
    } else if (!this.day) {
      this.screen.replaceChildren(element("p", { class: "notice" }, this.words.noRoster));
    }
  }

  private paintSession(s: Session): void {
    const stands = standing(s.sheet, s.waiting);
    const first = s.draft.seen.length === 0;
    const codeOf = (row: SheetRow): Code | undefined => s.draft.marks[row.id] || stands.get(row.id) || (first ? "present" : undefined);
    this.roster.show(s.sheet, codeOf, row => !first && !!s.draft.marks[row.id]);
    const changes = Object.keys(s.draft.marks).length;
    if (this.screen.dataset.session !== s.key || this.screen.dataset.screen !== "sheet") {
      const sendButton = element("button", { type: "button", id: "capture-send", class: "btn btn-primary" });
      sendButton.addEventListener("click", () => void this.send());
      this.screen.replaceChildren(element("div", { class: "sheet-head" }, this.backButton(), element("h1", { id: "capture-title" })),
        element("p", { id: "capture-status", role: "status" }),
        element("ul", { id: "capture-refused", class: "class-cards" }), this.roster.root,
        element("div", { class: "send-bar" }, element("output", { id: "capture-count" }), sendButton));
      this.screen.dataset.screen = "sheet";
      this.screen.dataset.session = s.key;
    }
    const part = (id: string): HTMLElement => document.getElementById(id)!;
    part("capture-title").textContent = `${s.sheet.className} · ${this.words[s.sheet.slot]}`;
    part("capture-count").textContent = countLine(s.sheet, codeOf, this.words);
    const sendButton = part("capture-send") as HTMLButtonElement;
    sendButton.textContent = first ? this.words.send : changes > 0 ? fill(this.words.sendChanges, changes) : this.words.sent;
    sendButton.disabled = s.sheet.pupils.length === 0 || (!first && changes === 0);
    const refused = s.own.filter(i => i.state === "refused");
    part("capture-refused").replaceChildren(...refused.map(i => refusedCard(i, this.words, this)));
    const sentLine = s.sheet.submittedAtMs ? fill(this.words.sentAt, timeOf(s.sheet.submittedAtMs)) : "";
    const status = statusOf(s.own.filter(i => i.state !== "refused"), this.words);
    part("capture-status").replaceChildren(...[sentLine, sentLine && status ? " " : "", status].filter(x => x !== ""));
  }

  private backButton(): HTMLElement {
    this.screen.dataset.screen = "other";
    const back = element("button", { type: "button", id: "capture-back", class: "btn btn-outline-secondary" }, this.words.back);
    back.addEventListener("click", () => {
      history.pushState(null, "", location.pathname);
      void this.route().then(() => this.loadDay(this.day ? this.day.date : "", this.slot));
    });
    return back;
  }
}

/** The phone's clock in school time (UTC+7 all year); only used while the box cannot be asked. */
const schoolTime = (): Date => new Date(Date.now() + 7 * 3600 * 1000);
const schoolDate = (): string => schoolTime().toISOString().slice(0, 10);
const slotNow = (): Slot => schoolTime().getUTCHours() < 12 ? "morning" : "afternoon";

const root = document.getElementById("capture");
if (root) {
  const words = JSON.parse(document.getElementById("capture-words")!.textContent!) as Words;
  void new Capture(root.dataset.person!, words).start();
  if ("serviceWorker" in navigator) {
    // Where the phone does not trust the certificate this is refused, and the page works while it is open.
    navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  }
}
