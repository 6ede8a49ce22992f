// Who was where: a row a camera, a bar a tracklet, one colour an identity.

const timeline = (() => {
  const canvas = byId("plot");
  const context = canvas.getContext("2d");
  const tip = byId("tip");
  const AXIS = 22;
  const whole = { from: beginning, to: Math.max(ending, beginning + 1) };
  let view = { ...whole };
  let lit = () => true;
  let bars = []; // as drawn: { place, x, y, width, height }
  const rows = laid();
  const height = rows.reduce((sum, row) => sum + row.height, AXIS);
  byId("names").append(
    ...rows.map((row) => {
      const label = make("div", {}, named(cameras[row.camera]));
      label.style.height = `${row.height}px`;
      return label;
    }),
  );

  // Bars of one camera that overlap in time lie in lanes of their own.
  function laid() {
    const own = cameras.map(() => []);
    tracklets.forEach((one, place) => one.identity !== null && own[cameras.indexOf(one.camera)].push(place));
    return own.map((places, camera) => {
      const free = [];
      const lanes = places
        .sort((a, b) => tracklets[a].start - tracklets[b].start)
        .map((place) => {
          let lane = free.findIndex((end) => end <= tracklets[place].start);
          if (lane < 0) lane = free.length;
          free[lane] = tracklets[place].end;
          return { place, lane };
        });
      const thick = Math.max(3, Math.min(10, 140 / Math.max(free.length, 1)));
      return { camera, lanes, thick, height: Math.round(Math.max(free.length, 2) * thick + 14) };
    });
  }

  function colour(identity, dark) {
    const person = personOf.get(identity);
    if (person.group === "single") return dark ? "#5d6570" : "#b4bac3";
    return `oklch(${dark ? 0.74 : 0.6} 0.15 ${(identity * 137.508) % 360})`;
  }

  const at = (x) => view.from + (x / canvas.clientWidth) * (view.to - view.from);

  function draw() {
    const width = canvas.clientWidth;
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    const style = getComputedStyle(canvas);
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    canvas.style.height = `${height}px`;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = `11px ${style.fontFamily}`;
    const scale = width / (view.to - view.from);
    grid(width, scale, style);
    bars = [];
    let top = 0;
    for (const row of rows) {
      for (const { place, lane } of row.lanes) {
        const one = tracklets[place];
        if (one.end < view.from || one.start > view.to) continue;
        const x = (one.start - view.from) * scale;
        const long = Math.max((one.end - one.start) * scale, 3);
        const y = top + 7 + lane * row.thick;
        context.globalAlpha = lit(place) ? 1 : 0.15;
        context.fillStyle = colour(one.identity, dark);
        context.beginPath();
        context.roundRect(x, y + 0.5, long, row.thick - 1, Math.min(3, row.thick / 3));
        context.fill();
        bars.push({ place, x, y, width: long, height: row.thick });
      }
      top += row.height;
    }
    context.globalAlpha = 1;
    byId("stretch").textContent = span(view.from, view.to);
    canvas.setAttribute("aria-label", `Timeline of ${cameras.length} cameras, ${span(view.from, view.to)}`);
  }

  function grid(width, scale, style) {
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
    const step = steps.find((size) => size * scale >= 80) ?? 86400 * Math.ceil(80 / (86400 * scale));
    context.strokeStyle = style.getPropertyValue("--line");
    context.fillStyle = style.getPropertyValue("--quiet");
    context.lineWidth = 1;
    for (let tick = Math.ceil(view.from / step); tick * step <= view.to; tick += 1) {
      const x = Math.round((tick * step - view.from) * scale) + 0.5;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, height - AXIS);
      context.stroke();
      context.textAlign = x < 16 ? "left" : x > width - 20 ? "right" : "center";
      context.fillText(clock(tick * step), x, height - 7);
    }
    let y = 0.5;
    for (const row of rows) {
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
      y += row.height;
    }
  }

  function show(from, to) {
    const size = Math.min(Math.max(to - from, 0.5), whole.to - whole.from);
    const low = Math.min(Math.max(from, whole.from), whole.to - size);
    view = { from: low, to: low + size };
    draw();
  }

  function zoom(factor, around = (view.from + view.to) / 2) {
    show(around - (around - view.from) * factor, around + (view.to - around) * factor);
  }

  const move = (share) => show(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));

  function hit(event) {
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const found = bars.find((bar) => x >= bar.x - 2 && x <= bar.x + bar.width + 2 && y >= bar.y && y <= bar.y + bar.height);
    return { x, y, place: found?.place };
  }

  let held = null; // where a drag began
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, view: { ...view }, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const { x, y, place } = hit(event);
    canvas.style.cursor = place === undefined ? "grab" : "pointer";
    tip.hidden = place === undefined;
    if (place !== undefined) {
      const one = tracklets[place];
      tip.replaceChildren(make("b", {}, `Identity ${one.identity}`), " ", named(one.name), make("br"), span(one.start, one.end));
      tip.style.top = `${y + 14}px`;
      tip.style.left = `${Math.max(0, Math.min(x, canvas.clientWidth - 180))}px`;
    }
    if (!held) return;
    held.moved ||= Math.abs(event.clientX - held.x) > 4;
    if (!held.moved) return;
    const back = ((held.x - event.clientX) / canvas.clientWidth) * (held.view.to - held.view.from);
    show(held.view.from + back, held.view.to + back);
  });
  canvas.addEventListener("pointerup", (event) => {
    const { place } = hit(event);
    if (held && !held.moved && place !== undefined) present(personOf.get(tracklets[place].identity));
    held = null;
  });
  for (const name of ["pointercancel", "pointerleave"]) {
    canvas.addEventListener(name, () => {
      held = null;
      tip.hidden = true;
    });
  }
  canvas.addEventListener("dblclick", (event) => zoom(0.5, at(hit(event).x)));
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, at(hit(event).x));
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -0.2, ArrowRight: 0.2 };
    if (event.key in steps) {
      event.preventDefault();
      move(steps[event.key]);
    }
  });
  byId("in").addEventListener("click", () => zoom(0.5));
  byId("out").addEventListener("click", () => zoom(2));
  byId("whole").addEventListener("click", () => show(whole.from, whole.to));
  new ResizeObserver(draw).observe(canvas.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  return {
    zoom,
    whole: () => show(whole.from, whole.to),
    stretch: () => view,
    light(test) {
      lit = test;
      draw();
    },
  };
})();
