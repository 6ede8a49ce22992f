// Identities as cards: their pictures camera by camera, and why they are one.

const LEFT_OUT = {
  rejected_short: "too short to be matched",
  rejected_quality: "too small to be matched",
  ignored: "left out as you said",
};
const REJECTED_SHOWN = 3;
const linksOf = tracklets.map(() => []);
for (const link of links) {
  linksOf[link.a].push(link);
  if (link.b !== link.a) linksOf[link.b].push(link);
}

const spanOf = (person) => {
  const own = person.tracklets.map((place) => tracklets[place]);
  return [own[0].start, Math.max(...own.map((one) => one.end))];
};

function card(person) {
  const [from, to] = spanOf(person);
  const considered = [...new Set(person.tracklets.flatMap((place) => linksOf[place]))];
  const open = considered.some((link) => link.decision === "ambiguous");
  const seen = new Map();
  for (const place of person.tracklets) {
    const { camera } = tracklets[place];
    seen.set(camera, [...(seen.get(camera) ?? []), place]);
  }
  const status = person.word ? certainty(person.word, person.bar) : null;
  const why = considered.length ? reasons(person, considered) : null;
  return make(
    "article",
    { class: "card", tabindex: "-1", "data-identity": person.identity },
    make(
      "header",
      {},
      make("h3", {}, `Identity ${person.identity}`),
      make("span", { class: "chip" }, named(person.kind)),
      open ? make("span", { class: "chip ambiguous" }, "open question") : null,
      make("span", { class: "quiet when" }, span(from, to)),
      status ?? make("span", { class: "quiet certainty" }, "one camera only"),
      ...added.card(person),
    ),
    make("div", { class: "cameras" }, ...[...seen].map(([camera, places]) => column(camera, places))),
    why,
  );
}

function column(camera, places) {
  return make(
    "section",
    {},
    make("h4", {}, named(camera)),
    make("div", { class: "shelf" }, ...places.map(sighting)),
  );
}

function sighting(place) {
  const one = tracklets[place];
  const pictures = Array.from({ length: Math.max(one.pictures, 1) }, (_, number) => picture(place, number));
  const caption = make("figcaption", {}, named(one.name), make("span", { class: "quiet" }, span(one.start, one.end)));
  return make("figure", { class: "sighting" }, make("div", { class: "crops" }, ...pictures), caption, ...added.sighting(place));
}

// The links that made it, what is open, and who else was closest; built when it is asked for.
function reasons(person, considered) {
  const own = new Set(person.tracklets);
  const best = (a, b) => (b.score ?? 0) - (a.score ?? 0);
  const made = considered.filter((link) => link.decision === "accepted").sort(best);
  const open = considered.filter((link) => link.decision === "ambiguous").sort(best);
  const down = considered.filter((link) => link.decision === "rejected" && !(own.has(link.a) && own.has(link.b))).sort(best);
  const parts = [count(made.length, "link", "links")];
  if (open.length) parts.push(`${open.length} open`);
  if (down.length) parts.push(`${down.length} turned down`);
  const box = make("details", { class: "reasons" }, make("summary", {}, "Why", make("span", { class: "quiet" }, ` · ${parts.join(", ")}`)));
  box.addEventListener("toggle", () => {
    if (!box.open || box.children.length > 1) return;
    const closest = down.slice(0, REJECTED_SHOWN);
    const title = down.length > closest.length ? make("p", { class: "quiet" }, `Turned down, the closest ${closest.length} of ${down.length}:`) : null;
    box.append(...[...open, ...made].map(linkRow), ...(title ? [title] : []), ...closest.map(linkRow));
  });
  return box;
}

// One identity by itself, over whatever is being looked at.
function present(person) {
  const shown = card(person);
  byId("shown").replaceChildren(shown);
  const why = shown.querySelector("details");
  if (why) why.open = true;
  if (!byId("dialog").open) byId("dialog").showModal();
  byId("dialog").scrollTop = 0;
}
