// A region that draws itself again every data-live seconds while somebody looks at it. Only what differs is touched, so focus,
// scroll positions and opened details stay. When nobody answers, the old figures stay and the page says that they are old.

const region = document.querySelector<HTMLElement>("[data-live]");
const stale = document.querySelector<HTMLElement>("[data-live-stale]");
const ANSWER_WITHIN_MS = 10_000;
let running = false;

async function fetchRegion(): Promise<HTMLElement | null> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
  try {
    const response = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html", "X-TdmEdu": "live" }, signal: abort.signal });
    if (response.redirected || response.status === 401 || response.status === 403) {
      location.reload();
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return response.ok ? page.querySelector<HTMLElement>("[data-live]") : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function morph(now: Node, fresh: Node): void {
  if (now.nodeName !== fresh.nodeName) {
    (now as ChildNode).replaceWith(fresh);
  } else if (now instanceof Element) {
    copyAttributes(now, fresh as Element);
    const [old, next] = [Array.from(now.childNodes), Array.from(fresh.childNodes)];
    next.forEach((child, i) => { if (old[i]) { morph(old[i], child); } else { now.append(child); } });
    old.slice(next.length).forEach(child => child.remove());
  } else if (now.nodeValue !== fresh.nodeValue) {
    now.nodeValue = fresh.nodeValue;
  }
}

/** Whether details are open is the reader's choice once the page is there. */
function copyAttributes(now: Element, fresh: Element): void {
  const kept = (a: Attr): boolean => a.name === "open" && now.nodeName === "DETAILS";
  Array.from(now.attributes).filter(a => !fresh.hasAttribute(a.name) && !kept(a)).forEach(a => now.removeAttribute(a.name));
  Array.from(fresh.attributes).filter(a => now.getAttribute(a.name) !== a.value && !kept(a)).forEach(a => now.setAttribute(a.name, a.value));
}

async function refresh(): Promise<void> {
  if (document.hidden || running) {
    return;
  }
  running = true;
  const fresh = await fetchRegion();
  running = false;
  if (fresh && region) {
    morph(region, fresh);
  }
  if (stale) {
    stale.hidden = !!fresh;
  }
}

if (region) {
  setInterval(() => void refresh(), Number(region.dataset.live) * 1000);
  document.addEventListener("visibilitychange", () => void refresh());
}

export {};
