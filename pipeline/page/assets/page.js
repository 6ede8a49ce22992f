// Filters, tabs and keys.

const TABS = [...document.querySelectorAll("[role=tab]")].map((tab) => tab.id.slice("tab-".length));
const CLOSE = 0.1; // a rejected pair is a close call if its score is at most this far below the threshold
const ORDERS = {
  cameras: () => 0, // the order of the document
  doubt: (a, b) => (a.word === null) - (b.word === null) || a.bar - b.bar,
  time: (a, b) => timeSpan(a)[0] - timeSpan(b)[0],
};
const form = byId("filters");
const closeCalls = links
  .filter((link) => link.decision === "ambiguous" || (link.decision === "rejected" && link.score !== null && link.score >= (link.threshold ?? 0) - CLOSE))
  .sort((a, b) => (a.decision === "rejected") - (b.decision === "rejected") || (b.score - b.threshold) - (a.score - a.threshold));
let lists = [];
let counts = {};

// Reads the filters; returns the order and a test of identities, of links and of tracklets that were not matched.
function readFilters() {
  const value = Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, text.trim()]));
  const search = value.find.toLowerCase();
  const [from, to] = [parseClock(value.from) ?? -Infinity, parseClock(value.to) ?? Infinity];
  for (const name of ["from", "to"]) {
    const invalid = value[name] && parseClock(value[name]) === null;
    form.elements[name].setCustomValidity(invalid ? "enter a time such as 75 or 1:15" : "");
    form.elements[name].setAttribute("aria-invalid", Boolean(invalid));
  }
  const inTime = (tracklet) => tracklet.end >= from && tracklet.start <= to;
  const hasKind = ({ kind }) => !value.kind || kind === value.kind;
  const seenBy = (members, camera) => !camera || members.some((tracklet) => tracklet.camera === camera && inTime(tracklet));
  const isSeen = (members) => members.some(inTime) && seenBy(members, value.camera) && seenBy(members, value.other);
  const hasName = (members, number) =>
    !search ||
    String(number) === search.replace(/^#/, "") ||
    members.some(({ name }) => name.toLowerCase().includes(search) && search.length > 1);
  const hasWord = (identity) => {
    if (!value.word) return true;
    if (value.word === "single") return identity.word === null && identity.group === "single";
    if (value.word === "ambiguous") return identity.tracklets.some((place) => linksOf[place].some((link) => link.decision === "ambiguous"));
    return identity.word === value.word;
  };
  return {
    order: ORDERS[value.order],
    identity: (identity) => {
      const members = identity.tracklets.map((place) => tracklets[place]);
      return hasKind(identity) && hasWord(identity) && isSeen(members) && hasName(members, identity.identity);
    },
    link: (link) => {
      const pair = [tracklets[link.a], tracklets[link.b]];
      return pair.every(hasKind) && isSeen(pair) && pair.some((tracklet) => hasName(pair, tracklet.identity));
    },
    tracklet: (tracklet) => hasKind(tracklet) && isSeen([tracklet]) && hasName([tracklet], null),
  };
}

function applyFilters() {
  const filters = readFilters();
  const shown = identities.filter(filters.identity).sort(filters.order);
  const calls = closeCalls.filter(filters.link);
  const numbers = new Set(shown.map(({ identity }) => identity));
  for (const list of lists) list.stop();
  pictureObserver.disconnect();
  lists = [lazyList(byId("cards"), shown, identityCard), lazyList(byId("links"), calls, linkRow)];
  showNotMatched(tracklets.map((_, place) => place).filter((place) => tracklets[place].identity === null && filters.tracklet(tracklets[place])));
  if (!shown.length) byId("cards").append(make("p", { class: "empty" }, identities.length ? "No identity matches the filter." : "This run found no identities."));
  if (!calls.length) byId("links").append(make("p", { class: "empty" }, closeCalls.length ? "No pair matches the filter." : "This run has no close calls."));
  timeline.highlight((place) => numbers.has(tracklets[place].identity));
  counts = { identities: [shown.length, identities.length, "identity", "identities"], calls: [calls.length, closeCalls.length, "pair", "pairs"] };
  showCount();
}

function showCount() {
  const [shown, all, singular, plural] = counts[currentTab()] ?? counts.identities;
  const total = countOf(all, singular, plural);
  byId("count").textContent = shown === all ? total : `${shown.toLocaleString("en")} of ${total}`;
}

function showNotMatched(places) {
  const box = byId("not-matched");
  box.hidden = !places.length;
  box.firstElementChild.textContent = `${countOf(places.length, "tracklet", "tracklets")} not matched`;
  const fill = () => lists.push(lazyList(box.querySelector(".shelf"), places, (place) => trackletFigure(place), 48));
  box.ontoggle = () => box.open && fill();
  if (box.open) fill();
}

const currentTab = () => (TABS.includes(location.hash.slice(1)) ? location.hash.slice(1) : TABS[0]);

function showTab() {
  const current = currentTab();
  for (const name of TABS) {
    const selected = name === current;
    byId(name).hidden = !selected;
    byId(`tab-${name}`).setAttribute("aria-selected", selected);
    byId(`tab-${name}`).tabIndex = selected ? 0 : -1;
  }
  byId("filters").hidden = !["identities", "calls"].includes(current);
  byId("timeline").hidden = current !== "identities";
  showCount();
}

function openTab(name) {
  history.replaceState(null, "", `#${name}`);
  showTab();
  window.scrollTo(0, 0);
}

// Moves the focus to the next or the previous card or row.
function moveFocus(direction) {
  const entries = [...byId(currentTab()).querySelectorAll(":scope > div > article")];
  const focused = entries.findIndex((entry) => entry.contains(document.activeElement));
  const next = entries[focused < 0 ? 0 : Math.min(Math.max(focused + direction, 0), entries.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "start" });
}

function openHelp() {
  byId("shown").replaceChildren(byId("help").content.cloneNode(true));
  byId("dialog").showModal();
}

const KEYS = {
  j: () => moveFocus(1),
  k: () => moveFocus(-1),
  "/": () => form.elements.find.focus(),
  "?": openHelp,
  "+": () => timeline.zoom(0.5),
  "=": () => timeline.zoom(0.5),
  "-": () => timeline.zoom(2),
  0: () => timeline.showAll(),
  ...Object.fromEntries(TABS.map((name, i) => [i + 1, () => openTab(name)])),
};

document.addEventListener("keydown", (event) => {
  const input = event.target.closest("input, select");
  if (event.key === "Escape" && input) return input.blur();
  if (input || event.ctrlKey || event.metaKey || event.altKey || byId("dialog").open) return undefined;
  if (event.key === "Enter" && event.target.matches(".card")) {
    const reasons = event.target.querySelector("details");
    if (reasons) reasons.open = !reasons.open;
  }
  const action = extensions.keys[currentTab()]?.[event.key] ?? KEYS[event.key];
  if (!action) return undefined;
  event.preventDefault();
  return action();
});

document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!move) return;
  const name = TABS[(TABS.indexOf(currentTab()) + move + TABS.length) % TABS.length];
  openTab(name);
  byId(`tab-${name}`).focus();
});

function addOptions(name, values) {
  form.elements[name].append(...values.map((value) => make("option", { value }, isolateText(value))));
}

let timer = 0; // a filter is applied once typing pauses
form.addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(applyFilters, event.target.matches("input") ? 150 : 0);
});
form.addEventListener("reset", () => setTimeout(applyFilters));
form.addEventListener("submit", (event) => event.preventDefault());
byId("filter-range").addEventListener("click", () => {
  const { from, to } = timeline.range();
  form.elements.from.value = clock(from);
  form.elements.to.value = clock(to);
  applyFilters();
});
byId("keys").addEventListener("click", openHelp);
byId("dialog").addEventListener("click", (event) => event.target === byId("dialog") && byId("dialog").close());
for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => openTab(name));
window.addEventListener("hashchange", showTab);

addOptions("camera", cameras);
addOptions("other", cameras);
addOptions("kind", [...new Set(identities.map(({ kind }) => kind))].sort());
if (cameras.length < 2) form.elements.other.parentElement.hidden = true;
byId("span").textContent = tracklets.length ? timeRange(firstSecond, lastSecond) : "no tracklets";
const inSeveral = identities.filter(({ group }) => group === "several").length;
const ambiguousLinks = links.filter((link) => link.decision === "ambiguous").length;
const notMatched = tracklets.filter(({ identity }) => identity === null).length;
byId("figures").append(
  ...[
    [identities.length, identities.length === 1 ? "identity" : "identities"],
    [inSeveral, "in several cameras"],
    [ambiguousLinks, ambiguousLinks === 1 ? "ambiguous link" : "ambiguous links"],
    [notMatched, notMatched === 1 ? "tracklet not matched" : "tracklets not matched"],
  ].map(([number, name]) => make("div", {}, make("dd", {}, number.toLocaleString("en")), make("dt", {}, name))),
);
applyFilters();
showTab();
