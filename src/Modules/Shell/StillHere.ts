// Somebody who types for long asks the server for nothing: it is told that they are there, so that what they fill in is still taken.
// At most once a minute, and only while somebody acts; a page left alone lets its session end.

const TOLD_EVERY_MS = 60_000;
let toldAt = Date.now();

function tell(): void {
  if (Date.now() - toldAt >= TOLD_EVERY_MS) {
    toldAt = Date.now();
    void fetch("/con-day", { credentials: "same-origin", cache: "no-store" }).catch(() => undefined);
  }
}

if (document.querySelector("form[data-person]")) {
  for (const act of ["keydown", "input", "pointerdown"]) {
    document.addEventListener(act, tell, { passive: true });
  }
}

export {};
