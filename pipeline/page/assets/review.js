// Sends the user's decisions to the review's server, one after the other; the server holds the state.

const token = location.pathname.split("/")[1];
const generation = Number(byId("review").dataset.generation);
const VERDICTS = { same: "are the same", different: "are different", ignore: "is ignored" };
let state = { generation, doubts: [], settled: [], steps: [], unapplied: 0, changes: null };
let requests = Promise.resolve();
let mergeFrom = null; // the first of two identities to merge

function showNotice(...parts) {
  byId("notice").hidden = !parts.length;
  byId("notice").firstElementChild.replaceChildren(...parts);
}

// `body` may be a function: it is called when all earlier requests are answered.
function send(path, body) {
  const answer = requests.then(async () => {
    const content = typeof body === "function" ? body() : body;
    if (content === null) return null;
    const options = content && { method: "POST", headers: { "x-review-token": token }, body: JSON.stringify(content) };
    const response = await fetch(`/${token}/${path}`, options);
    if (response.status === 403) throw new Error(await response.text());
    return response.json();
  });
  requests = answer.then(receive, () =>
    showNotice("The review has ended, and your last decision was not saved. Start the review again in the terminal, and open its new address."),
  );
  return requests;
}

function receive(answer) {
  if (answer === null) return;
  if (answer.generation !== generation) {
    location.reload(); // the run was matched again, so the entire page is out of date
    return;
  }
  state = answer;
  if (answer.error) showNotice("Not saved: ", ...paragraph(`${answer.error}.`).childNodes);
  showDecisions();
  send.onAnswer();
}

const sendDecision = (verdict, ...places) => send("decide", { verdict, tracklets: places.map((place) => tracklets[place].name) });
const lastStep = () => (state.steps.length ? { step: state.steps.at(-1).number } : null);
const undo = () => send("undo", lastStep);

function matchAgain() {
  byId("apply").disabled = true;
  showNotice("Matching again…");
  return send("apply", {}).then(() => (byId("apply").disabled = false));
}

// Lists the decisions in the corrections file and the changes of the last matching.
function showDecisions() {
  byId("decisions").hidden = !state.steps.length;
  byId("decisions").querySelector("ol").replaceChildren(...state.steps.toReversed().map(stepEntry));
  byId("changes").hidden = state.changes === null;
  byId("changes").querySelector("ul").replaceChildren(...(state.changes ?? []).map((text) => make("li", {}, ...paragraph(text).childNodes)));
  byId("apply").classList.toggle("waiting", state.unapplied > 0);
  byId("undo").disabled = !state.steps.length;
}

function stepEntry(step) {
  const rows = step.rows.map((row) => {
    const [a, b] = row.tracklets;
    const names = b === undefined ? [isolate(a)] : [isolate(a), " and ", isolate(b)];
    return make("div", {}, make("span", { class: "quiet line" }, `line ${row.row}`), ...names, ` ${VERDICTS[row.verdict]}`);
  });
  return make("li", {}, make("div", {}, ...rows), makeButton("undo", () => send("undo", { step: step.number }), { class: "link" }));
}

function makeButton(text, action, attributes = {}) {
  const button = make("button", { type: "button", ...attributes }, ...[text].flat());
  button.addEventListener("click", action);
  return button;
}

// Announces a decision on identities; only matching again can show its effect.
function announce(request, ...parts) {
  byId("dialog").close();
  request.then(() => {
    if (!byId("notice").hidden) return; // it shows an error
    showNotice(...parts, " ", makeButton("Apply", matchAgain, { class: "link" }), " · ", makeButton("undo", undo, { class: "link" }));
  });
}

function merge({ identity }) {
  showNotice();
  if (mergeFrom === null || mergeFrom === identity) {
    mergeFrom = mergeFrom === null ? identity : null;
    if (mergeFrom !== null) showNotice(`Identity ${mergeFrom} is selected. Choose the identity to merge it with.`);
  } else {
    announce(send("merge", { identities: [mergeFrom, identity] }), `Identities ${mergeFrom} and ${identity} will be merged.`);
    mergeFrom = null;
  }
  for (const card of document.querySelectorAll(".card")) card.classList.toggle("selected", Number(card.dataset.identity) === mergeFrom);
}

extensions.card = (identity) => [makeButton("Merge…", () => merge(identity), { class: "small", title: "Merge two identities: choose this on both (m)" })];

extensions.tracklet = (place) => {
  const { name, identity } = tracklets[place];
  const alone = identityOf.get(identity).tracklets.length < 2;
  const split = () => {
    showNotice();
    announce(send("split", { tracklet: name }), isolate(name), " will be split off.");
  };
  const ignore = () => {
    showNotice();
    announce(sendDecision("ignore", place), isolate(name), " will be ignored.");
  };
  return [
    make(
      "div",
      { class: "actions" },
      alone ? null : makeButton("split off", split, { class: "link", title: "This tracklet is another object than the rest of the identity" }),
      makeButton("ignore", ignore, { class: "link", title: "Leave this tracklet out of matching" }),
    ),
  ];
};

extensions.row = (link) => {
  if (link.a === link.b) return [];
  const decide = (verdict) => () => {
    showNotice();
    announce(sendDecision(verdict, link.a, link.b), isolate(tracklets[link.a].name), " and ", isolate(tracklets[link.b].name), ` ${VERDICTS[verdict]}.`);
  };
  return [make("div", { class: "actions" }, makeButton("Same", decide("same"), { class: "small" }), makeButton("Different", decide("different"), { class: "small" }))];
};

// Returns an action that presses a button of the focused row or card.
const press = (text) => () => {
  const buttons = document.activeElement?.closest(".row, .card")?.querySelectorAll("button.small") ?? [];
  [...buttons].find((button) => button.textContent === text)?.click();
};
extensions.keys.identities = { m: press("Merge…"), u: undo };
extensions.keys.calls = { y: press("Same"), n: press("Different"), u: undo };
byId("notice").lastElementChild.addEventListener("click", () => showNotice());
document.addEventListener("visibilitychange", () => document.hidden || send("state"));
