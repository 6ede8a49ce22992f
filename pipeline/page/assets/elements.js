"use strict";
// What all parts of the page are made of. Text becomes text nodes only: no name can ever be markup.

const byId = (id) => document.getElementById(id);
const findings = JSON.parse(byId("findings").textContent);
const { cameras, tracklets, people, links } = findings;
// What the page adds where it is served for review; a file adds nothing.
const added = { card: () => [], sighting: () => [], row: () => [], picture: (place, number) => number, keys: {} };
const personOf = new Map(people.map((person) => [person.identity, person]));
const beginning = tracklets.reduce((least, one) => Math.min(least, one.start), tracklets.length ? Infinity : 0);
const ending = tracklets.reduce((most, one) => Math.max(most, one.end), tracklets.length ? -Infinity : 1);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Names may hold marks that turn the direction of what follows; each is isolated.
const named = (text) => make("bdi", {}, text);
const isolated = (text) => `\u2068${text}\u2069`; // where no element may stand, as in a list's options

function clock(seconds) {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const [whole, rest] = [Math.floor(tenths / 10), tenths % 10];
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const shown = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${seconds < 0 ? "−" : ""}${shown}:${two(whole % 60)}${rest ? `.${rest}` : ""}`;
}

// "75", "1:15" and "0:01:15" are one time; anything else is none.
function seconds(text) {
  const words = text.trim().replace("−", "-").split(":");
  if (!words[0] || words.length > 3 || words.some((word) => !/^-?\d+(\.\d*)?$/.test(word))) return null;
  const value = words.reduce((sum, word) => sum * 60 + Math.abs(Number(word)), 0);
  return words[0].startsWith("-") ? -value : value;
}

const span = (from, to) => `${clock(from)} – ${clock(to)}`;
const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

function load(image) {
  const stored = byId(`pictures-${image.dataset.place}`).textContent.split(" ");
  const { place, number } = image.dataset;
  image.src = `data:image/webp;base64,${stored[added.picture(place, Number(number))] ?? stored[number]}`;
}

// Pictures stay text until they are nearly in sight.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      load(target);
    }
  },
  { rootMargin: "600px" },
);

function picture(place, number = 0) {
  const one = tracklets[place];
  if (number >= one.pictures) return make("span", { class: "crop none", role: "img", "aria-label": "no picture" });
  const alt = `${one.kind} in ${isolated(one.name)}`;
  const image = make("img", { class: "crop", alt, decoding: "async", "data-place": place, "data-number": number });
  near.observe(image);
  return image;
}

const middle = (place) => picture(place, Math.floor(tracklets[place].pictures / 2));

function certainty(word, bar) {
  const meter = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));
  meter.firstChild.style.width = `${Math.max(bar, 0.04) * 100}%`;
  return make("span", { class: `certainty ${word}` }, meter, word);
}

// A list of any length: some entries at a time, the next when one comes near its end.
function feed(place, entries, build, step = 24) {
  let shown = 0;
  const more = () => {
    place.append(...entries.slice(shown, shown + step).map(build));
    shown += step;
  };
  const end = make("div", { class: "end" });
  place.replaceChildren();
  if (place.nextElementSibling?.matches(".end")) place.nextElementSibling.remove();
  place.after(end);
  more();
  const sight = new IntersectionObserver(
    (seen) => {
      if (shown >= entries.length) sight.disconnect();
      else if (seen.at(-1).isIntersecting) { // a slow machine tells of several moments at once
        more();
        sight.unobserve(end); // observed anew, it tells again whether it is in sight
        sight.observe(end);
      }
    },
    { rootMargin: "1200px" },
  );
  sight.observe(end);
  return { more, stop: () => sight.disconnect() };
}
