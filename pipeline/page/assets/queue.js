// The doubtful links, one after the other: a key decides a link and shows the next one.

const linkOf = new Map(links.map((link) => [link.match, link]));
const answered = new Set(); // links that were decided here, but not yet confirmed by the server
const skipped = new Set();
const actions = []; // for undo: a link that was skipped, or null for a decision
let current = null;
let requested = null; // the link that an undo returns to
let prepared = null; // the next question, with its pictures decoded

function unsettledLinks() {
  const settled = new Set(state.settled);
  return state.doubts.filter((match) => !settled.has(match) && !answered.has(match));
}

function showQuestion() {
  const unsettled = unsettledLinks();
  const left = unsettled.filter((match) => !skipped.has(match));
  const next = unsettled.includes(requested) ? requested : (left[0] ?? null);
  const counts = [[left.length, "left"], [state.doubts.length - unsettled.length, "settled"], [unsettled.length - left.length, "skipped"]];
  byId("left").textContent = counts.filter(([number], i) => !i || number).map(([number, name]) => `${number} ${name}`).join(" · ");
  byId("done").max = Math.max(state.doubts.length, 1);
  byId("done").value = state.doubts.length - left.length;
  if (next === null) byId("question").replaceChildren(emptyQuestion(unsettled.length));
  else if (next !== current) byId("question").replaceChildren(prepared?.dataset.match === String(next) ? prepared : question(linkOf.get(next)));
  current = next;
  const after = left.find((match) => match !== next);
  prepared = after === undefined ? null : question(linkOf.get(after));
}

function emptyQuestion(skippedCount) {
  const showSkipped = () => {
    skipped.clear();
    showQuestion();
  };
  const settled = state.doubts.length ? "All doubtful links are settled." : "This run has no doubtful links.";
  return make(
    "div",
    { class: "empty" },
    make("p", {}, skippedCount ? `Only skipped links are left: ${countOf(skippedCount, "link", "links")}.` : settled),
    skippedCount ? makeButton("Show skipped links", showSkipped) : null,
    state.unapplied ? make("p", {}, "Press ", make("kbd", {}, "a"), " to apply your decisions.") : null,
  );
}

function questionSide(place, side) {
  const tracklet = tracklets[place];
  return make(
    "figure",
    { class: `look ${tracklet.kind === "person" ? "" : "wide"}` },
    make("div", { class: "crops" }, ...allPictures(place)),
    make(
      "figcaption",
      {},
      isolate(tracklet.name),
      make("span", { class: "quiet" }, timeRange(tracklet.start, tracklet.end)),
      identityButton(tracklet),
      makeButton(["ignore ", make("kbd", {}, side[0])], () => decide("ignore", place), {
        class: "link",
        title: `Leave the ${side} tracklet out of matching: it shows no person or vehicle, or several`,
      }),
    ),
  );
}

function question(link) {
  const others = competitors(link);
  const answers = [["Same", "y", "same"], ["Different", "n", "different"]];
  const shown = make(
    "article",
    { class: "question", "data-match": link.match, "data-a": tracklets[link.a].name, "data-b": tracklets[link.b].name },
    make(
      "div",
      { class: "looks" },
      questionSide(link.a, "left"),
      questionSide(link.b, "right"),
      others.length ? make("div", { class: "competitors" }, ...others) : null,
    ),
    make(
      "div",
      { class: "answers" },
      make("h3", {}, tracklets[link.a].kind === "person" ? "The same person?" : "The same vehicle?"),
      ...answers.map(([text, key, verdict]) => makeButton([`${text} `, make("kbd", {}, key)], () => decide(verdict, link.a, link.b), { class: "answer" })),
      makeButton(["Skip ", make("kbd", {}, "s")], skip),
    ),
    make("div", { class: "why" }, make("div", { class: "state" }, linkState(link), scoreBar(link)), paragraph(link.reason), scoreTerms(link)),
  );
  for (const image of shown.querySelectorAll("img[data-place]")) {
    pictureObserver.unobserve(image);
    loadPicture(image);
    image.decode().catch(() => image.replaceWith(make("span", { class: "crop none" })));
  }
  return shown;
}

function decide(verdict, ...places) {
  if (current === null) return;
  const match = current;
  showNotice();
  answered.add(match);
  actions.push(null);
  requested = null;
  showQuestion();
  sendDecision(verdict, ...places).then(() => {
    answered.delete(match);
    if (!state.settled.includes(match)) requested = match; // the server refused it, so it is shown again
    showQuestion();
  });
}

function skip() {
  if (current === null) return;
  skipped.add(current);
  actions.push(current);
  requested = null;
  showQuestion();
}

function undoLast() {
  showNotice();
  const skippedLink = actions.pop() ?? null;
  if (skippedLink !== null) {
    skipped.delete(skippedLink);
    requested = skippedLink;
    showQuestion();
    return;
  }
  const before = new Set(state.settled);
  send("undo", () => {
    for (const match of state.settled) before.add(match);
    return lastStep();
  }).then(() => {
    requested = unsettledLinks().find((match) => before.has(match)) ?? null;
    skipped.delete(requested);
    showQuestion();
  });
}

const decidePair = (verdict) => () => current !== null && decide(verdict, linkOf.get(current).a, linkOf.get(current).b);
const ignoreSide = (side) => () => current !== null && decide("ignore", linkOf.get(current)[side]);
send.onAnswer = showQuestion;
extensions.keys.review = {
  y: decidePair("same"),
  n: decidePair("different"),
  l: ignoreSide("a"),
  r: ignoreSide("b"),
  s: skip,
  u: undoLast,
  a: matchAgain,
};
byId("undo").addEventListener("click", undoLast);
byId("apply").addEventListener("click", matchAgain);
send("state");
