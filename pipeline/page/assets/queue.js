// The doubtful links, one after the other: look, press a key, and the next one is there.

const linkOf = new Map(links.map((link) => [link.match, link]));
const answered = new Set(); // said, and not yet heard back of
const skipped = new Set();
const trail = []; // what was done here, for undo: a link that was skipped, or null for what was said
let current = null;
let wished = null; // the link that an undo goes back to
let ahead = null; // the next one, its pictures decoded

function unsettled() {
  const settled = new Set(state.settled);
  return state.doubts.filter((match) => !settled.has(match) && !answered.has(match));
}

function show() {
  const open = unsettled();
  const left = open.filter((match) => !skipped.has(match));
  const next = open.includes(wished) ? wished : (left[0] ?? null);
  const counts = [[left.length, "left"], [state.doubts.length - open.length, "settled"], [open.length - left.length, "skipped"]];
  byId("left").textContent = counts.filter(([number], i) => !i || number).map(([number, name]) => `${number} ${name}`).join(" · ");
  byId("done").max = Math.max(state.doubts.length, 1);
  byId("done").value = state.doubts.length - left.length;
  if (next === null) byId("question").replaceChildren(nothing(open.length));
  else if (next !== current) byId("question").replaceChildren(ahead?.dataset.match === String(next) ? ahead : question(linkOf.get(next)));
  current = next;
  const after = left.find((match) => match !== next);
  ahead = after === undefined ? null : question(linkOf.get(after));
}

function nothing(skippedNow) {
  const again = button("Look at them again", () => { skipped.clear(); show(); });
  const what = state.doubts.length ? "All doubtful links are settled." : "No link of this run is doubtful.";
  return make(
    "div",
    { class: "empty" },
    make("p", {}, skippedNow ? `What is left was skipped: ${count(skippedNow, "link", "links")}.` : what),
    skippedNow ? again : null,
    state.unapplied ? make("p", {}, "Apply what you said: press ", make("kbd", {}, "a"), ".") : null,
  );
}

function look(place, side) {
  const one = tracklets[place];
  const pictures = Array.from({ length: Math.max(one.pictures, 1) }, (_, number) => picture(place, number));
  return make(
    "figure",
    { class: `look ${one.kind === "person" ? "" : "wide"}` },
    make("div", { class: "crops" }, ...pictures),
    make(
      "figcaption",
      {},
      named(one.name),
      make("span", { class: "quiet" }, span(one.start, one.end)),
      whose(one),
      button(["leave out ", make("kbd", {}, side[0])], () => decide("ignore", place), { class: "link", title: `The ${side} one takes no part: no person or vehicle, or several` }),
    ),
  );
}

function question(link) {
  const judged = link.word ? certainty(link.word, link.bar) : make("span", { class: `chip ${link.decision}` }, DECISIONS[link.decision] ?? link.decision);
  const beside = rivals(link);
  const keys = [["Same", "y", "same"], ["Different", "n", "different"]];
  const shown = make(
    "article",
    { class: "question", "data-match": link.match, "data-a": tracklets[link.a].name, "data-b": tracklets[link.b].name },
    make("div", { class: "looks" }, look(link.a, "left"), look(link.b, "right"), beside.length ? make("div", { class: "beside" }, ...beside) : null),
    make(
      "div",
      { class: "answers" },
      make("h3", {}, tracklets[link.a].kind === "person" ? "The same person?" : "The same vehicle?"),
      ...keys.map(([text, key, verdict]) => button([`${text} `, make("kbd", {}, key)], () => decide(verdict, link.a, link.b), { class: "answer" })),
      button(["Skip ", make("kbd", {}, "s")], skip),
    ),
    make("div", { class: "why" }, make("div", { class: "state" }, judged, scale(link)), prose(link.reason), terms(link)),
  );
  for (const image of shown.querySelectorAll("img[data-place]")) {
    near.unobserve(image);
    load(image);
    image.decode().catch(() => image.replaceWith(make("span", { class: "crop none" })));
  }
  return shown;
}

function decide(verdict, ...places) {
  if (current === null) return;
  const match = current;
  notice();
  answered.add(match);
  trail.push(null);
  wished = null;
  show();
  say(verdict, ...places).then(() => {
    answered.delete(match); // it is settled now, or was refused and comes again
    if (!state.settled.includes(match)) wished = match;
    show();
  });
}

function skip() {
  if (current === null) return;
  skipped.add(current);
  trail.push(current);
  wished = null;
  show();
}

function back() {
  notice();
  const last = trail.pop();
  if (last !== undefined && last !== null) {
    skipped.delete(last);
    wished = last;
    show();
    return;
  }
  const before = new Set(state.settled);
  ask("take-back", () => {
    for (const match of state.settled) before.add(match);
    return state.steps.length ? { step: state.steps.at(-1).number } : null;
  }).then(() => {
    const open = unsettled();
    wished = open.find((match) => before.has(match)) ?? null;
    skipped.delete(wished);
    show();
  });
}

const side = (name) => () => current !== null && decide("ignore", linkOf.get(current)[name]);
ask.heard = show;
added.keys.review = {
  y: () => current !== null && decide("same", linkOf.get(current).a, linkOf.get(current).b),
  n: () => current !== null && decide("different", linkOf.get(current).a, linkOf.get(current).b),
  l: side("a"),
  r: side("b"),
  s: skip,
  u: back,
  a: matchAgain,
};
byId("undo").addEventListener("click", back);
byId("apply").addEventListener("click", matchAgain);
ask("state");
