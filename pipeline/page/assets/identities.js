// Identities as cards: their pictures by camera, and the reasons for their links.

const NOT_MATCHED = {
  rejected_short: "too short to match",
  rejected_quality: "too small to match",
  ignored: "ignored by you",
};
const REJECTED_SHOWN = 3;
const linksOf = tracklets.map(() => []);
for (const link of links) {
  linksOf[link.a].push(link);
  if (link.b !== link.a) linksOf[link.b].push(link);
}

// The first and the last second of an identity.
const timeSpan = (identity) => {
  const members = identity.tracklets.map((place) => tracklets[place]);
  return [members[0].start, Math.max(...members.map(({ end }) => end))];
};

function identityCard(identity) {
  const considered = [...new Set(identity.tracklets.flatMap((place) => linksOf[place]))];
  const ambiguous = considered.some((link) => link.decision === "ambiguous");
  const placesOf = new Map();
  for (const place of identity.tracklets) {
    const { camera } = tracklets[place];
    placesOf.set(camera, [...(placesOf.get(camera) ?? []), place]);
  }
  return make(
    "article",
    { class: "card", tabindex: "-1", "data-identity": identity.identity },
    make(
      "header",
      {},
      make("h3", {}, `Identity ${identity.identity}`),
      make("span", { class: "chip" }, isolate(identity.kind)),
      ambiguous ? make("span", { class: "chip ambiguous" }, "ambiguous link") : null,
      make("span", { class: "quiet when" }, timeRange(...timeSpan(identity))),
      identity.word ? certainty(identity.word, identity.bar) : make("span", { class: "quiet certainty" }, "one camera only"),
      ...extensions.card(identity),
    ),
    make("div", { class: "cameras" }, ...[...placesOf].map(([camera, places]) => cameraColumn(camera, places))),
    considered.length ? linkReasons(identity, considered) : null,
  );
}

function cameraColumn(camera, places) {
  return make(
    "section",
    {},
    make("h4", {}, isolate(camera)),
    make("div", { class: "shelf" }, ...places.map(trackletPictures)),
  );
}

function trackletPictures(place) {
  const { name, start, end } = tracklets[place];
  const caption = make("figcaption", {}, isolate(name), make("span", { class: "quiet" }, timeRange(start, end)));
  return make("figure", { class: "sighting" }, make("div", { class: "crops" }, ...allPictures(place)), caption, ...extensions.tracklet(place));
}

// The ambiguous and accepted links of an identity and its best rejected candidates; built when it is opened.
function linkReasons(identity, considered) {
  const members = new Set(identity.tracklets);
  const byScore = (a, b) => (b.score ?? 0) - (a.score ?? 0);
  const accepted = considered.filter((link) => link.decision === "accepted").sort(byScore);
  const ambiguous = considered.filter((link) => link.decision === "ambiguous").sort(byScore);
  const rejected = considered.filter((link) => link.decision === "rejected" && !(members.has(link.a) && members.has(link.b))).sort(byScore);
  const counts = [countOf(accepted.length, "link", "links")];
  if (ambiguous.length) counts.push(`${ambiguous.length} ambiguous`);
  if (rejected.length) counts.push(`${rejected.length} rejected`);
  const details = make("details", { class: "reasons" }, make("summary", {}, "Reasons", make("span", { class: "quiet" }, ` · ${counts.join(", ")}`)));
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const best = rejected.slice(0, REJECTED_SHOWN);
    const title = rejected.length > best.length ? make("p", { class: "quiet" }, `Rejected, the best ${best.length} of ${rejected.length}:`) : null;
    details.append(...[...ambiguous, ...accepted].map(linkRow), ...(title ? [title] : []), ...best.map(linkRow));
  });
  return details;
}

// Opens the card of one identity in a dialog.
function openIdentity(identity) {
  const card = identityCard(identity);
  byId("shown").replaceChildren(card);
  const reasons = card.querySelector("details");
  if (reasons) reasons.open = true;
  if (!byId("dialog").open) byId("dialog").showModal();
  byId("dialog").scrollTop = 0;
}
