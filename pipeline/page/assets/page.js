// Filters, tabs and keys.

const TABS = [...document.querySelectorAll("[role=tab]")].map((one) => one.id.slice("tab-".length));
const CLOSE = 0.1; // how far under the threshold one who was turned down may be to count as a close call
const ORDERS = {
  cameras: () => 0, // as the run's report sorted them
  doubt: (a, b) => (a.word === null) - (b.word === null) || a.bar - b.bar,
  time: (a, b) => spanOf(a)[0] - spanOf(b)[0],
};
const form = byId("filters");
const calls = links
  .filter((link) => link.decision === "ambiguous" || (link.decision === "rejected" && link.score !== null && link.score >= (link.threshold ?? 0) - CLOSE))
  .sort((a, b) => (a.decision === "rejected") - (b.decision === "rejected") || (b.score - b.threshold) - (a.score - a.threshold));
let feeds = [];
let tally = {};

function wanted() {
  const value = Object.fromEntries([...new FormData(form)].map(([name, text]) => [name, text.trim()]));
  const find = value.find.toLowerCase();
  const [from, to] = [seconds(value.from) ?? -Infinity, seconds(value.to) ?? Infinity];
  for (const name of ["from", "to"]) {
    const wrong = value[name] && seconds(value[name]) === null;
    form.elements[name].setCustomValidity(wrong ? "a time, as 75 or 1:15" : "");
    form.elements[name].setAttribute("aria-invalid", Boolean(wrong));
  }
  const inTime = (one) => one.end >= from && one.start <= to;
  const kind = (one) => !value.kind || one.kind === value.kind;
  const saw = (own, camera) => !camera || own.some((one) => one.camera === camera && inTime(one));
  const found = (own, number) => !find || String(number) === find.replace(/^#/, "") || own.some((one) => one.name.toLowerCase().includes(find) && find.length > 1);
  const seen = (own) => own.some(inTime) && saw(own, value.camera) && saw(own, value.other);
  const sure = (person) => {
    if (!value.word) return true;
    if (value.word === "single") return person.word === null && person.group === "single";
    if (value.word === "open") return person.tracklets.some((place) => linksOf[place].some((link) => link.decision === "ambiguous"));
    return person.word === value.word;
  };
  return {
    order: ORDERS[value.order],
    person: (person) => {
      const own = person.tracklets.map((place) => tracklets[place]);
      return kind(person) && sure(person) && seen(own) && found(own, person.identity);
    },
    link: (link) => {
      const own = [tracklets[link.a], tracklets[link.b]];
      return own.every(kind) && seen(own) && own.some((one) => found(own, one.identity));
    },
    left: (one) => kind(one) && seen([one]) && found([one], null),
  };
}

function apply() {
  const test = wanted();
  const shown = people.filter(test.person).sort(test.order);
  const close = calls.filter(test.link);
  const numbers = new Set(shown.map((person) => person.identity));
  for (const old of feeds) old.stop();
  near.disconnect();
  feeds = [feed(byId("cards"), shown, card), feed(byId("links"), close, linkRow)];
  leftOut(tracklets.map((_, place) => place).filter((place) => tracklets[place].identity === null && test.left(tracklets[place])));
  if (!shown.length) byId("cards").append(make("p", { class: "empty" }, people.length ? "Nobody fits this filter." : "This run found nobody."));
  if (!close.length) byId("links").append(make("p", { class: "empty" }, calls.length ? "No pair fits this filter." : "There was none: all were clear."));
  timeline.light((place) => numbers.has(tracklets[place].identity));
  tally = { people: [shown.length, people.length, "identity", "identities"], calls: [close.length, calls.length, "pair", "pairs"] };
  tell();
}

function tell() {
  const [found, all, one, many] = tally[tab()] ?? tally.people;
  byId("count").textContent = found === all ? count(all, one, many) : `${found.toLocaleString("en")} of ${count(all, one, many)}`;
}

function leftOut(places) {
  const box = byId("left-out");
  box.hidden = !places.length;
  box.firstElementChild.textContent = `${count(places.length, "tracklet", "tracklets")} left out of matching`;
  const fill = () => feeds.push(feed(box.querySelector(".shelf"), places, (place) => tracklet(place), 48));
  box.ontoggle = () => box.open && fill();
  if (box.open) fill();
}

const tab = () => (TABS.includes(location.hash.slice(1)) ? location.hash.slice(1) : TABS[0]);

function turn() {
  const current = tab();
  for (const name of TABS) {
    const chosen = name === current;
    byId(name).hidden = !chosen;
    byId(`tab-${name}`).setAttribute("aria-selected", chosen);
    byId(`tab-${name}`).tabIndex = chosen ? 0 : -1;
  }
  byId("filters").hidden = !["people", "calls"].includes(current);
  byId("timeline").hidden = current !== "people";
  tell();
}

function go(name) {
  history.replaceState(null, "", `#${name}`);
  turn();
  window.scrollTo(0, 0);
}

// The next card or row, from where the focus is.
function step(direction) {
  const list = [...byId(tab()).querySelectorAll(":scope > div > article")];
  const inside = list.findIndex((entry) => entry.contains(document.activeElement));
  const next = list[inside < 0 ? 0 : Math.min(Math.max(inside + direction, 0), list.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "start" });
}

function help() {
  byId("shown").replaceChildren(byId("help").content.cloneNode(true));
  byId("dialog").showModal();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => form.elements.find.focus(),
  "?": help,
  "+": () => timeline.zoom(0.5),
  "=": () => timeline.zoom(0.5),
  "-": () => timeline.zoom(2),
  0: () => timeline.whole(),
  ...Object.fromEntries(TABS.map((name, i) => [i + 1, () => go(name)])),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select");
  if (event.key === "Escape" && typing) return typing.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId("dialog").open) return undefined;
  if (event.key === "Enter" && event.target.matches(".card")) {
    const why = event.target.querySelector("details");
    if (why) why.open = !why.open;
  }
  const act = added.keys[tab()]?.[event.key] ?? KEYS[event.key];
  if (!act) return undefined;
  event.preventDefault();
  return act();
});

document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!move) return;
  const name = TABS[(TABS.indexOf(tab()) + move + TABS.length) % TABS.length];
  go(name);
  byId(`tab-${name}`).focus();
});

function options(name, values) {
  form.elements[name].append(...values.map((value) => make("option", { value }, isolated(value))));
}

let waiting = 0; // a filter is applied once typing pauses
form.addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(apply, event.target.matches("input") ? 150 : 0);
});
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
byId("only").addEventListener("click", () => {
  const { from, to } = timeline.stretch();
  form.elements.from.value = clock(from);
  form.elements.to.value = clock(to);
  apply();
});
byId("keys").addEventListener("click", help);
byId("dialog").addEventListener("click", (event) => event.target === byId("dialog") && byId("dialog").close());
for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => go(name));
window.addEventListener("hashchange", turn);

options("camera", cameras);
options("other", cameras);
options("kind", [...new Set(people.map((person) => person.kind))].sort());
if (cameras.length < 2) form.elements.other.parentElement.hidden = true;
byId("span").textContent = tracklets.length ? span(beginning, ending) : "nothing was seen";
const several = people.filter((person) => person.group === "several").length;
const questions = links.filter((link) => link.decision === "ambiguous").length;
const left = tracklets.filter((one) => one.identity === null).length;
byId("figures").append(
  ...[
    [people.length, "identities"],
    [several, "in several cameras"],
    [questions, questions === 1 ? "open question" : "open questions"],
    [left, "tracklets left out"],
  ].map(([number, name]) => make("div", {}, make("dd", {}, number.toLocaleString("en")), make("dt", {}, name))),
);
apply();
turn();
