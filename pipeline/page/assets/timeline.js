// The timeline: a row per camera, a bar per tracklet, a colour per identity.

const timeline = (() => {
  const canvas = byId("plot");
  const context = canvas.getContext("2d");
  const tip = byId("tip");
  const AXIS = 22;
  const all = { from: firstSecond, to: Math.max(lastSecond, firstSecond + 1) };
  let view = { ...all };
  let isHighlighted = () => true;
  let bars = []; // as drawn: { place, x, y, width, height }
  const rows = layOut();
  const height = rows.reduce((sum, row) => sum + row.height, AXIS);
  byId("names").append(
    ...rows.map((row) => {
      const label = make("div", {}, isolate(cameras[row.camera]));
      label.style.height = `${row.height}px`;
      return label;
    }),
  );

  // Assigns the bars of a camera that overlap in time to different lanes.
  function layOut() {
    const placesOf = cameras.map(() => []);
    tracklets.forEach(({ identity, camera }, place) => identity !== null && placesOf[cameras.indexOf(camera)].push(place));
    return placesOf.map((places, camera) => {
      const free = []; // the second from which each lane is free
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
    if (identityOf.get(identity).group === "single") return dark ? "#5d6570" : "#b4bac3";
    return `oklch(${dark ? 0.74 : 0.6} 0.15 ${(identity * 137.508) % 360})`;
  }

  const secondAt = (x) => view.from + (x / canvas.clientWidth) * (view.to - view.from);

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
    drawGrid(width, scale, style);
    bars = [];
    let top = 0;
    for (const row of rows) {
      for (const { place, lane } of row.lanes) {
        const { identity, start, end } = tracklets[place];
        if (end < view.from || start > view.to) continue;
        const x = (start - view.from) * scale;
        const length = Math.max((end - start) * scale, 3);
        const y = top + 7 + lane * row.thick;
        context.globalAlpha = isHighlighted(place) ? 1 : 0.15;
        context.fillStyle = colour(identity, dark);
        context.beginPath();
        context.roundRect(x, y + 0.5, length, row.thick - 1, Math.min(3, row.thick / 3));
        context.fill();
        bars.push({ place, x, y, width: length, height: row.thick });
      }
      top += row.height;
    }
    context.globalAlpha = 1;
    byId("range").textContent = timeRange(view.from, view.to);
    canvas.setAttribute("aria-label", `Timeline of ${cameras.length} cameras, ${timeRange(view.from, view.to)}`);
  }

  function drawGrid(width, scale, style) {
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
    const size = Math.min(Math.max(to - from, 0.5), all.to - all.from);
    const low = Math.min(Math.max(from, all.from), all.to - size);
    view = { from: low, to: low + size };
    draw();
  }

  function zoom(factor, around = (view.from + view.to) / 2) {
    show(around - (around - view.from) * factor, around + (view.to - around) * factor);
  }

  const showAll = () => show(all.from, all.to);
  const move = (share) => show(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));

  function barAt(event) {
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const hit = bars.find((bar) => x >= bar.x - 2 && x <= bar.x + bar.width + 2 && y >= bar.y && y <= bar.y + bar.height);
    return { x, y, place: hit?.place };
  }

  let drag = null; // its start and the view at that time
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, view: { ...view }, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const { x, y, place } = barAt(event);
    canvas.style.cursor = place === undefined ? "grab" : "pointer";
    tip.hidden = place === undefined;
    if (place !== undefined) {
      const { identity, name, start, end } = tracklets[place];
      tip.replaceChildren(make("b", {}, `Identity ${identity}`), " ", isolate(name), make("br"), timeRange(start, end));
      tip.style.top = `${y + 14}px`;
      tip.style.left = `${Math.max(0, Math.min(x, canvas.clientWidth - 180))}px`;
    }
    if (!drag) return;
    drag.moved ||= Math.abs(event.clientX - drag.x) > 4;
    if (!drag.moved) return;
    const back = ((drag.x - event.clientX) / canvas.clientWidth) * (drag.view.to - drag.view.from);
    show(drag.view.from + back, drag.view.to + back);
  });
  canvas.addEventListener("pointerup", (event) => {
    const { place } = barAt(event);
    if (drag && !drag.moved && place !== undefined) openIdentity(identityOf.get(tracklets[place].identity));
    drag = null;
  });
  for (const name of ["pointercancel", "pointerleave"]) {
    canvas.addEventListener(name, () => {
      drag = null;
      tip.hidden = true;
    });
  }
  canvas.addEventListener("dblclick", (event) => zoom(0.5, secondAt(barAt(event).x)));
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, secondAt(barAt(event).x));
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
  byId("show-all").addEventListener("click", showAll);
  new ResizeObserver(draw).observe(canvas.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  return {
    zoom,
    showAll,
    range: () => view,
    highlight(test) {
      isHighlighted = test;
      draw();
    },
  };
})();
