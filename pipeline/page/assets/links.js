// Pairs of tracklets and what spoke for and against them.

const DECISIONS = { accepted: "linked", ambiguous: "open question", rejected: "turned down" };

function tracklet(place, caption = null) {
  const one = tracklets[place];
  return make(
    "figure",
    { class: "side" },
    middle(place),
    make(
      "figcaption",
      {},
      caption && make("span", { class: "quiet" }, caption),
      named(one.name),
      make("span", { class: "quiet" }, span(one.start, one.end)),
      whose(one),
    ),
  );
}

function whose(one) {
  if (one.identity === null) return make("span", { class: "quiet" }, LEFT_OUT[one.status] ?? one.status);
  const button = make("button", { class: "link", type: "button" }, `identity ${one.identity}`);
  button.addEventListener("click", () => present(personOf.get(one.identity)));
  return button;
}

// A score on its scale, with a mark where enough would be.
function scale(link) {
  if (link.score === null) return null;
  const bar = make("span", { class: "scale", "aria-hidden": "true" }, make("span"), make("i"));
  const percent = (value) => `${Math.min(Math.max(value, 0), 1) * 100}%`;
  bar.firstChild.style.width = percent(link.score);
  bar.lastChild.style.left = percent(link.threshold ?? 0);
  const needed = link.threshold === null ? "" : `, ${link.threshold.toFixed(3)} needed`;
  return make("span", { class: "score" }, bar, `score ${link.score.toFixed(3)}${needed}`);
}

// A reason, with the names of tracklets in it isolated.
const NAME = new RegExp(
  `((?:${[...cameras]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .join("|")})/\\d+)`,
  "u",
);
const prose = (text) => make("p", { class: "reason" }, ...text.split(NAME).map((part, i) => (i % 2 ? named(part) : part)));

function terms(link) {
  const said = [];
  if (link.appearance !== null) said.push(`looks ${link.appearance.toFixed(3)}`);
  if (link.time !== null) said.push(`time ${link.time < 0 ? "−" : "+"}${Math.abs(link.time).toFixed(3)}`);
  said.push(link.gap < 0 ? "seen at one time" : `${clock(link.gap)} between`);
  return make("p", { class: "quiet" }, said.join(" · "));
}

// Who else it could have been: the runner-up of a link, or who was linked in the place of one turned down.
function rivals(link) {
  if (link.rival !== null) {
    const by = Math.abs(link.margin).toFixed(3);
    return [tracklet(link.rival, link.margin < 0 ? `closer by ${by}` : `runner-up, ${by} behind`)];
  }
  if (link.decision !== "rejected") return [];
  const instead = (one, other) => {
    const person = personOf.get(tracklets[one].identity);
    return (person?.tracklets ?? []).filter((i) => i !== one && tracklets[i].camera === tracklets[other].camera);
  };
  const found = new Set([...instead(link.a, link.b), ...instead(link.b, link.a)]);
  return [...found].filter((i) => i !== link.a && i !== link.b).slice(0, 1).map((i) => tracklet(i, "linked instead"));
}

function linkRow(link) {
  const beside = rivals(link);
  const state = link.word ? certainty(link.word, link.bar) : make("span", { class: `chip ${link.decision}` }, DECISIONS[link.decision] ?? link.decision);
  return make(
    "article",
    {
      class: "row",
      tabindex: "-1",
      "data-match": link.match,
      "data-a": tracklets[link.a].name,
      "data-b": tracklets[link.b].name,
    },
    make("div", { class: "pair" }, tracklet(link.a), tracklet(link.b)),
    make("div", { class: "beside" }, ...beside),
    make("div", { class: "why" }, make("div", { class: "state" }, state, scale(link)), prose(link.reason), terms(link), ...added.row(link)),
  );
}
