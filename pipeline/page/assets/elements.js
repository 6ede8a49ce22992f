"use strict";
// Building blocks of the page. Text becomes text nodes only, so that no name can be markup.

const byId = (id) => document.getElementById(id);
const { cameras, tracklets, identities, links } = JSON.parse(byId("page-document").textContent);
// What the review and the attention add to the page.
const extensions = {
  card: () => [],
  tracklet: () => [],
  row: () => [],
  pictureNumber: (place, number) => number,
  keys: {},
};
const identityOf = new Map(identities.map((identity) => [identity.identity, identity]));
const firstSecond = tracklets.reduce((least, { start }) => Math.min(least, start), tracklets.length ? Infinity : 0);
const lastSecond = tracklets.reduce((most, { end }) => Math.max(most, end), tracklets.length ? -Infinity : 1);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

// Names may hold marks that turn the direction of the text after them, so each name is isolated.
const isolate = (name) => make("bdi", {}, name);
const isolateText = (name) => `\u2068${name}\u2069`; // for places that take no elements, such as options

function clock(seconds) {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const [whole, rest] = [Math.floor(tenths / 10), tenths % 10];
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const start = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
  return `${seconds < 0 ? "−" : ""}${start}:${two(whole % 60)}${rest ? `.${rest}` : ""}`;
}

// Returns the seconds of a time such as "75", "1:15" or "0:01:15"; null for any other text.
function parseClock(text) {
  const parts = text.trim().replace("−", "-").split(":");
  if (!parts[0] || parts.length > 3 || parts.some((part) => !/^-?\d+(\.\d*)?$/.test(part))) return null;
  const value = parts.reduce((sum, part) => sum * 60 + Math.abs(Number(part)), 0);
  return parts[0].startsWith("-") ? -value : value;
}

const timeRange = (from, to) => `${clock(from)} – ${clock(to)}`;
const countOf = (number, singular, plural) => `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;

function loadPicture(image) {
  const { place, number } = image.dataset;
  const stored = byId(`pictures-${place}`).textContent.split(" ");
  image.src = `data:image/webp;base64,${stored[extensions.pictureNumber(Number(place), Number(number))] ?? stored[number]}`;
}

// Pictures stay text until they are nearly in view.
const pictureObserver = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      pictureObserver.unobserve(target);
      loadPicture(target);
    }
  },
  { rootMargin: "600px" },
);

function picture(place, number = 0) {
  const tracklet = tracklets[place];
  if (number >= tracklet.pictures) return make("span", { class: "crop none", role: "img", "aria-label": "no picture" });
  const alt = `${tracklet.kind} in ${isolateText(tracklet.name)}`;
  const image = make("img", { class: "crop", alt, decoding: "async", "data-place": place, "data-number": number });
  pictureObserver.observe(image);
  return image;
}

const middlePicture = (place) => picture(place, Math.floor(tracklets[place].pictures / 2));
const allPictures = (place) => Array.from({ length: Math.max(tracklets[place].pictures, 1) }, (_, number) => picture(place, number));

function certainty(word, bar) {
  const meter = make("span", { class: "meter", "aria-hidden": "true" }, make("span"));
  meter.firstChild.style.width = `${Math.max(bar, 0.04) * 100}%`;
  return make("span", { class: `certainty ${word}` }, meter, word);
}

// Fills a container with a list of any length, step by step, as its end comes near the view.
function lazyList(container, entries, build, step = 24) {
  let built = 0;
  const more = () => {
    container.append(...entries.slice(built, built + step).map(build));
    built += step;
  };
  const end = make("div", { class: "end" });
  container.replaceChildren();
  if (container.nextElementSibling?.matches(".end")) container.nextElementSibling.remove();
  container.after(end);
  more();
  const observer = new IntersectionObserver(
    (observed) => {
      if (built >= entries.length) observer.disconnect();
      else if (observed.at(-1).isIntersecting) { // a slow machine reports several moments at once
        more();
        observer.unobserve(end); // observing it anew reports again whether it is in view
        observer.observe(end);
      }
    },
    { rootMargin: "1200px" },
  );
  observer.observe(end);
  return { more, stop: () => observer.disconnect() };
}
