// Considered links: pairs of tracklets with scores, reasons and competing tracklets.

const DECISIONS = { accepted: "linked", ambiguous: "ambiguous", rejected: "rejected" };

function trackletFigure(place, caption = null) {
  const tracklet = tracklets[place];
  return make(
    "figure",
    { class: "side" },
    middlePicture(place),
    make(
      "figcaption",
      {},
      caption && make("span", { class: "quiet" }, caption),
      isolate(tracklet.name),
      make("span", { class: "quiet" }, timeRange(tracklet.start, tracklet.end)),
      identityButton(tracklet),
    ),
  );
}

// The identity of a tracklet as a button that opens its card; for a tracklet without one, the reason.
function identityButton(tracklet) {
  if (tracklet.identity === null) return make("span", { class: "quiet" }, NOT_MATCHED[tracklet.status] ?? tracklet.status);
  const button = make("button", { class: "link", type: "button" }, `identity ${tracklet.identity}`);
  button.addEventListener("click", () => openIdentity(identityOf.get(tracklet.identity)));
  return button;
}

// The state of a link: how certain it is, or why it was not made.
const linkState = (link) =>
  link.word ? certainty(link.word, link.bar) : make("span", { class: `chip ${link.decision}` }, DECISIONS[link.decision] ?? link.decision);

// A score as a bar, with a mark at the threshold.
function scoreBar(link) {
  if (link.score === null) return null;
  const bar = make("span", { class: "scale", "aria-hidden": "true" }, make("span"), make("i"));
  const percent = (value) => `${Math.min(Math.max(value, 0), 1) * 100}%`;
  bar.firstChild.style.width = percent(link.score);
  bar.lastChild.style.left = percent(link.threshold ?? 0);
  const threshold = link.threshold === null ? "" : `, threshold ${link.threshold.toFixed(3)}`;
  return make("span", { class: "score" }, bar, `score ${link.score.toFixed(3)}${threshold}`);
}

// A text in which the names of tracklets are isolated.
const NAME = new RegExp(
  `((?:${[...cameras]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .join("|")})/\\d+)`,
  "u",
);
const paragraph = (text) => make("p", { class: "reason" }, ...text.split(NAME).map((part, i) => (i % 2 ? isolate(part) : part)));

function scoreTerms(link) {
  const terms = [];
  if (link.appearance !== null) terms.push(`appearance ${link.appearance.toFixed(3)}`);
  if (link.time !== null) terms.push(`place and time ${link.time < 0 ? "−" : "+"}${Math.abs(link.time).toFixed(3)}`);
  terms.push(link.gap < 0 ? "seen at the same time" : `${clock(link.gap)} apart`);
  return make("p", { class: "quiet" }, terms.join(" · "));
}

// The runner-up of a link, or the tracklet that was linked instead of a rejected one.
function competitors(link) {
  if (link.rival !== null) {
    const margin = Math.abs(link.margin).toFixed(3);
    return [trackletFigure(link.rival, link.margin < 0 ? `better by ${margin}` : `runner-up, ${margin} behind`)];
  }
  if (link.decision !== "rejected") return [];
  const linkedInstead = (place, other) => {
    const members = identityOf.get(tracklets[place].identity)?.tracklets ?? [];
    return members.filter((member) => member !== place && tracklets[member].camera === tracklets[other].camera);
  };
  const candidates = new Set([...linkedInstead(link.a, link.b), ...linkedInstead(link.b, link.a)]);
  const isNamed = (place) => link.reason.split(NAME).includes(tracklets[place].name);
  return [...candidates]
    .filter((place) => place !== link.a && place !== link.b)
    .sort((first, second) => isNamed(second) - isNamed(first))
    .slice(0, 1)
    .map((place) => trackletFigure(place, "linked instead"));
}

function linkRow(link) {
  return make(
    "article",
    {
      class: "row",
      tabindex: "-1",
      "data-match": link.match,
      "data-a": tracklets[link.a].name,
      "data-b": tracklets[link.b].name,
    },
    make("div", { class: "pair" }, trackletFigure(link.a), trackletFigure(link.b)),
    make("div", { class: "competitors" }, ...competitors(link)),
    make(
      "div",
      { class: "why" },
      make("div", { class: "state" }, linkState(link), scoreBar(link)),
      paragraph(link.reason),
      scoreTerms(link),
      ...extensions.row(link),
    ),
  );
}
