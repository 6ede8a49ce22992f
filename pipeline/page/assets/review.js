// What is said on the page goes to the server that gave it, one word after the other; it holds the state.

const token = location.pathname.split("/")[1];
const generation = Number(byId("review").dataset.generation);
const WORDS = { same: "are the same", different: "are different", ignore: "is left out" };
let state = { generation, doubts: [], settled: [], steps: [], unapplied: 0, changes: null };
let chain = Promise.resolve();
let chosen = null; // the first of two identities to be merged

function notice(...parts) {
  byId("notice").hidden = !parts.length;
  byId("notice").firstElementChild.replaceChildren(...parts);
}

// `body` may be a function: it is asked when all that was said before has been answered.
function ask(path, body) {
  const answer = chain.then(async () => {
    const told = typeof body === "function" ? body() : body;
    if (told === null) return null;
    const sent = told && { method: "POST", headers: { "x-review-token": token }, body: JSON.stringify(told) };
    const response = await fetch(`/${token}/${path}`, sent);
    if (response.status === 403) throw new Error(await response.text());
    return response.json();
  });
  chain = answer.then(receive, () => notice("The review has ended, and what was said last is not kept: begin it again in the terminal, then load this page anew."));
  return chain;
}

function receive(answer) {
  if (answer === null) return;
  if (answer.generation !== generation) {
    location.reload(); // another matching: all of the page is new
    return;
  }
  state = answer;
  if (answer.wrong) notice("Not kept: ", ...prose(`${answer.wrong}.`).childNodes);
  told();
  ask.heard();
}

const say = (verdict, ...places) => ask("say", { verdict, tracklets: places.map((place) => tracklets[place].name) });

function undo() {
  return ask("take-back", () => (state.steps.length ? { step: state.steps.at(-1).number } : null));
}

function matchAgain() {
  byId("apply").disabled = true;
  notice("Matching again…");
  return ask("apply", {}).then(() => (byId("apply").disabled = false));
}

// What stands in the file, and what the last matching changed.
function told() {
  byId("said").hidden = !state.steps.length;
  byId("said").querySelector("ol").replaceChildren(...state.steps.toReversed().map(step));
  byId("changed").hidden = state.changes === null;
  byId("changed").querySelector("ul").replaceChildren(...(state.changes ?? []).map((text) => make("li", {}, ...prose(text).childNodes)));
  byId("apply").classList.toggle("waiting", state.unapplied > 0);
  byId("undo").disabled = !state.steps.length;

  function step(one) {
    const back = make("button", { class: "link", type: "button" }, "take back");
    back.addEventListener("click", () => ask("take-back", { step: one.number }));
    const lines = one.rows.map((row) => make("div", {}, make("span", { class: "quiet line" }, `row ${row.row}`), ...sentence(row)));
    return make("li", {}, make("div", {}, ...lines), back);
  }
  function sentence(row) {
    const [a, b] = row.tracklets;
    return [named(a), ...(b === undefined ? [] : [" and ", named(b)]), ` ${WORDS[row.verdict]}`];
  }
}

function button(text, act, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, ...[text].flat());
  made.addEventListener("click", act);
  return made;
}

// After something was said of identities, which only matching again can show.
function noted(sent, ...parts) {
  byId("dialog").close();
  sent.then(() => byId("notice").hidden && notice(...parts, " ", button("Apply", matchAgain, { class: "link" }), " · ", button("undo", undo, { class: "link" })));
}

function merge(person) {
  notice();
  if (chosen === null || chosen === person.identity) {
    chosen = chosen === null ? person.identity : null;
    if (chosen !== null) notice(`Identity ${chosen} is chosen: choose the one that it is, too.`);
  } else {
    noted(ask("merge", { identities: [chosen, person.identity] }), `Identities ${chosen} and ${person.identity} are one, as you said.`);
    chosen = null;
  }
  for (const card of document.querySelectorAll(".card")) card.classList.toggle("chosen", Number(card.dataset.identity) === chosen);
}

added.card = (person) => [button("Merge…", () => merge(person), { class: "small", title: "One object with another identity: choose both (m)" })];

added.sighting = (place) => {
  const alone = personOf.get(tracklets[place].identity).tracklets.length < 2;
  const { name, kind } = tracklets[place];
  const split = () => { notice(); noted(ask("split", { tracklet: name }), named(name), " is another one than the rest, as you said."); };
  const ignore = () => { notice(); noted(say("ignore", place), named(name), " is left out, as you said."); };
  return [make("div", { class: "acts" }, alone ? null : button(kind === "person" ? "somebody else" : "another one", split, { class: "link" }), button("leave out", ignore, { class: "link" }))];
};

added.row = (link) => {
  if (link.a === link.b) return [];
  const verdict = (word) => () => { notice(); noted(say(word, link.a, link.b), named(tracklets[link.a].name), " and ", named(tracklets[link.b].name), ` ${WORDS[word]}, as you said.`); };
  return [make("div", { class: "acts" }, button("Same", verdict("same"), { class: "small" }), button("Different", verdict("different"), { class: "small" }))];
};

const press = (text) => () => [...(document.activeElement?.closest(".row, .card")?.querySelectorAll("button.small") ?? [])].find((one) => one.textContent === text)?.click();
added.keys.people = { m: press("Merge…"), u: undo };
added.keys.calls = { y: press("Same"), n: press("Different"), u: undo };
byId("notice").lastElementChild.addEventListener("click", () => notice());
document.addEventListener("visibilitychange", () => document.hidden || ask("state"));
