// The capture page: which screen is shown, and what the page knows of the box. Everything typed is on the
// phone's disk before anything else.

import { Answer, CaptureApi } from "./CaptureApi.js";
import { ListActions, Now, listScreen } from "./CaptureList.js";
import { Day, Draft, OutboxItem, Sheet, Slot, fill, sessionKey, slotsIn } from "./CaptureModel.js";
import { CaptureOutbox } from "./CaptureOutbox.js";
import { CaptureSheet, SheetActions, backButton } from "./CaptureSheet.js";
import { CaptureStore } from "./CaptureStore.js";
import { Words, element, replaceKeepingFocus } from "./CaptureView.js";

const PREFETCH_CLASSES_MAX = 8;
const REFRESH_MS = 60_000;

class Capture implements ListActions, SheetActions {
  private readonly screen = document.getElementById("capture-screen")!;
  private readonly notice = document.getElementById("capture-notice")!;
  private readonly store: CaptureStore;
  private readonly api: CaptureApi;
  private readonly outbox: CaptureOutbox;
  private readonly sheet: CaptureSheet;
  private day: Day | null = null;
  private slot: Slot = "morning";

  constructor(private readonly person: string, private readonly words: Words) {
    this.store = new CaptureStore(person);
    this.api = new CaptureApi(person);
    this.outbox = new CaptureOutbox(this.store, this.api, sheet => void this.onSent(sheet));
    this.sheet = new CaptureSheet(this.screen, this.store, this.outbox, words, this);
    addEventListener("popstate", () => void this.route("capture-title"));
    const refresh = (): void => {
      if (!document.hidden) {
        void (location.hash ? this.hear(location.hash.slice(1)) : this.loadDay(this.day ? this.day.date : ""));
      }
    };
    setInterval(refresh, REFRESH_MS);
    addEventListener("online", refresh);
    document.addEventListener("visibilitychange", refresh);
  }

  async start(): Promise<void> {
    await this.store.forgetOthers();
    await this.store.prune(Date.now());
    this.outbox.wake();
    const [, date, slot] = location.hash.slice(1).split("/");
    await this.loadDay(date || "", slotsIn(this.words.slots).find(s => s === slot));
    await this.route();
    await this.prefetch();
  }

  open(schoolClass: string): void {
    history.pushState(null, "", `#${sessionKey(schoolClass, this.day!.date, this.slot)}`);
    void this.route("capture-title");
  }

  /** Back to the card that was opened, if it is still there. */
  back(): void {
    const [left] = location.hash.slice(1).split("/");
    history.pushState(null, "", location.pathname);
    void this.route(left).then(() => this.loadDay(this.day ? this.day.date : "", this.slot));
  }

  choose(slot: Slot, date: string): void {
    this.slot = slot;
    if (date === this.day!.date) {
      void this.paint();
    } else {
      void this.loadDay(date, slot);
    }
  }

  retry(item: OutboxItem): void {
    void this.outbox.retry(item);
  }

  /** Asked once; the box never had it. */
  async discard(item: OutboxItem): Promise<void> {
    await this.store.dropItem(item.id);
    await this.onSent();
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
    if (location.hash !== `#${item.session}`) {
      history.pushState(null, "", `#${item.session}`);
    }
    await this.route("capture-title");
  }

  cannotKeep(): void {
    this.say(this.words.cannotKeep, true);
  }

  private async loadDay(date: string, slot?: Slot): Promise<void> {
    const answer = await this.api.day(date);
    this.outbox.heard(answer);
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
    await this.paint();
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
    this.outbox.heard(answer);
    if (answer.kind === "ok") {
      await this.store.keepSheet(key, { ...answer.value, keptOn: schoolDate() });
    }
    return answer;
  }

  /** What others have sent of the open session; what somebody is typing stays under their finger. */
  private async hear(key: string): Promise<void> {
    const answer = await this.fetchSheet(key);
    if (answer.kind === "ok" && location.hash.slice(1) === key) {
      await this.sheet.changed(answer.value);
      if (this.sheet.typing) {
        this.sheet.shut(answer.value.shut);
      }
    }
  }

  /** The address after # names the session; without one it is the list. The reader's place follows to what is shown. */
  private async route(place?: string): Promise<void> {
    const key = location.hash.slice(1);
    this.sheet.leave();
    if (!key) {
      await this.paint();
      this.moveTo(place);
      return;
    }
    const kept = await this.store.sheet(key);
    if (kept) {
      // What the box said on another day of this one, such as "still to come", may have passed.
      await this.sheet.enter(key, kept.keptOn === schoolDate() ? kept : { ...kept, shut: undefined });
      this.moveTo(place);
    }
    const answer = await this.fetchSheet(key);
    if (location.hash.slice(1) !== key) {
      return;
    }
    if (answer.kind === "ok" && this.sheet.typing) {
      this.sheet.shut(answer.value.shut);
    } else if (answer.kind === "ok") {
      await this.sheet.enter(key, answer.value);
    } else if (answer.kind === "refused") {
      this.sheet.leave();
      this.showInstead("notice notice-bad", "capture-denied", answer.message);
    } else if (!this.sheet.open) {
      this.showInstead("notice", "capture-none", this.words.noRoster);
    }
    if (!kept || !this.sheet.open) {
      this.moveTo(place);
    }
  }

  /** Focus to the heading, or to the card of a class; where a message stands instead of either, to that. */
  private moveTo(place?: string): void {
    const found = place && (this.screen.querySelector<HTMLElement>(`[data-class="${CSS.escape(place)}"]`)
      || document.getElementById("capture-title") || this.screen.querySelector<HTMLElement>("[tabindex='-1']"));
    if (found) {
      found.focus();
    }
  }

  /** An item of the outbox changed; the day's list follows the box's newest sheet. */
  private async onSent(sheet?: Sheet): Promise<void> {
    if (sheet && this.day && this.day.date === sheet.date) {
      this.day.classes.filter(c => c.id === sheet.class).forEach(c => c.sessions.filter(x => x.slot === sheet.slot)
        .forEach(x => {
          [x.tally, x.submittedAtMs, x.empty] = [sheet.tally, sheet.submittedAtMs, sheet.pupils.length === 0];
          x.unknown = sheet.pupils.filter(p => !p.code).length;
        }));
      await this.store.keepDay(this.day);
    }
    await this.sheet.changed(sheet);
    await this.paint();
  }

  private showNotice(): void {
    if (this.outbox.needsSignIn) {
      const signIn = element("a", { class: "btn btn-primary", href: "/dang-nhap?tiep=/diem-danh" }, this.words.signIn);
      this.say(this.words.signInAgain, true, element("div", {}, signIn));
    } else if (this.outbox.offline) {
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

  /** Draws the list, unless a session is open: that one draws itself. */
  private async paint(): Promise<void> {
    this.showNotice();
    const items = await this.store.mine();
    if (location.hash) {
      return;
    }
    this.screen.dataset.screen = "list";
    const others = await this.store.othersWaiting();
    replaceKeepingFocus(this.screen, ...this.day
      ? listScreen(this.day, this.slot, this.now(this.day), items, this.words, this)
      : [element("p", { class: "notice" }, this.words.noRoster)],
      ...others > 0 ? [element("p", { class: "notice", id: "capture-others" }, fill(this.words.othersWaiting, others))] : []);
  }

  private now(day: Day): Now {
    const phone = schoolDate();
    return this.outbox.offline ? { date: phone, time: timeNow() } : { date: day.today, time: day.now || timeNow(), phone };
  }

  private showInstead(look: string, id: string, text: string): void {
    this.screen.dataset.screen = "other";
    this.screen.replaceChildren(
      backButton(this.words, () => this.back()), element("p", { class: look, id, role: "alert", tabindex: "-1" }, text));
  }
}

/** The phone's clock in school time (UTC+7 all year); only used while the box cannot be asked. */
const schoolTime = (): Date => new Date(Date.now() + 7 * 3600 * 1000);
const schoolDate = (): string => schoolTime().toISOString().slice(0, 10);
const timeNow = (): string => schoolTime().toISOString().slice(11, 16);
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
