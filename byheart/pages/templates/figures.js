// Interactive figures. Each entry of a legend becomes a button that hides its curve in all panels of the figure. Each
// panel gets a probe, which shows the value next to the pointer or finger; the arrow keys move from value to value.
"use strict";
{
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const REACH = 40;  // Largest distance in pixels from the pointer to the point that is shown.

  function probed(panel) {
    const plot = panel.querySelector(".plot"), svg = plot.querySelector("svg"), { width, height } = svg.viewBox.baseVal;
    const { curves, labels } = JSON.parse(panel.querySelector("script").textContent);
    const hidden = new Set();
    const shown = () => curves.filter(curve => curve.points.length && !hidden.has(curve.series));
    const ring = make("span", { className: "ring", hidden: true }), tip = make("div", { className: "tip", hidden: true });
    const probe = make("div", { className: "probe", tabIndex: 0 });
    let curve = null, place = 0;

    const words = ([, , x, y]) => [[labels[0], x], [labels[1], y]].filter(([label]) => label).map(line => line.join(" "));

    function hidePoint() { ring.hidden = tip.hidden = true; }

    function showPoint() {
      const point = curve.points[place], lines = words(point), [left, top] = [100 * point[0] / width, 100 * point[1] / height];
      const name = make("b", { textContent: curve.name });
      tip.replaceChildren(name, ...lines.map(text => make("span", { textContent: text })));
      tip.style.borderColor = ring.style.borderColor = `var(--c${curve.color.slice(1)}, ${curve.color})`;
      ring.style.left = `${left}%`;
      ring.style.top = `${top}%`;
      ring.hidden = tip.hidden = false;
      const box = plot.getBoundingClientRect(), room = box.width - tip.offsetWidth, gap = 12;
      const x = left / 100 * box.width, y = top / 100 * box.height, above = y - tip.offsetHeight - gap;
      tip.style.left = `${Math.max(0, Math.min(room, x - tip.offsetWidth / 2))}px`;
      tip.style.top = `${above < 0 ? y + gap : above}px`;
      probe.setAttribute("aria-valuenow", place + 1);
      probe.setAttribute("aria-valuemax", curve.points.length);
      probe.setAttribute("aria-valuetext", [curve.name, ...lines].join(", "));
    }

    function showNearest(event) {
      const box = plot.getBoundingClientRect(), scale = box.width / width;
      let nearest = REACH, found = null;
      for (const one of shown()) one.points.forEach(([x, y], at) => {
        const far = Math.hypot(x * scale - event.clientX + box.left, y * scale - event.clientY + box.top);
        if (far < nearest) { nearest = far; found = [one, at]; }
      });
      if (!found) return hidePoint();
      [curve, place] = found;
      showPoint();
    }

    // Move to the nearest point of another curve.
    function turnTo(other) {
      const x = curve.points[place][0], far = point => Math.abs(point[0] - x);
      place = other.points.reduce((best, point, at) => far(point) < far(other.points[best]) ? at : best, 0);
      curve = other;
    }

    const moves = {
      ArrowRight: () => { place = Math.min(place + 1, curve.points.length - 1); },
      ArrowLeft: () => { place = Math.max(place - 1, 0); },
      Home: () => { place = 0; },
      End: () => { place = curve.points.length - 1; },
      ArrowDown: all => turnTo(all[(all.indexOf(curve) + 1) % all.length]),
      ArrowUp: all => turnTo(all[(all.indexOf(curve) + all.length - 1) % all.length]),
    };

    function start() {
      const all = shown();
      if (!all.length) return false;
      if (!all.includes(curve)) [curve, place] = [all[0], 0];
      return true;
    }

    probe.setAttribute("role", "slider");
    probe.setAttribute("aria-label", `Values: ${svg.getAttribute("aria-label")} Arrow keys: left and right move along a curve, up and down switch curves.`);
    probe.setAttribute("aria-valuemin", 1);
    probe.addEventListener("pointermove", showNearest);
    probe.addEventListener("pointerdown", showNearest);
    probe.addEventListener("pointerleave", event => { if (event.pointerType === "mouse") hidePoint(); });
    probe.addEventListener("focus", () => { if (probe.matches(":focus-visible") && start()) showPoint(); });
    probe.addEventListener("blur", hidePoint);
    probe.addEventListener("keydown", event => {
      if (event.key === "Escape") return hidePoint();
      if (!(event.key in moves) || event.ctrlKey || event.altKey || event.metaKey || !start()) return;
      event.preventDefault();
      moves[event.key](shown());
      showPoint();
    });
    if (start()) {
      probe.setAttribute("aria-valuenow", 1);
      probe.setAttribute("aria-valuemax", curve.points.length);
      probe.setAttribute("aria-valuetext", [curve.name, ...words(curve.points[0])].join(", "));
      plot.append(probe, ring, tip);
    }

    function show(series, isShown) {
      if (isShown) hidden.delete(series); else hidden.add(series);
      hidePoint();
      curves.forEach((one, number) => {
        if (one.series !== series) return;
        for (const part of svg.querySelectorAll(`[data-curve="${number}"]`)) part.style.display = isShown ? "" : "none";
      });
    }

    return { show, has: series => curves.some(one => one.series === series) };
  }

  for (const figure of document.querySelectorAll("figure")) {
    const panels = [...figure.querySelectorAll(".panel")].map(probed);
    const entries = [...figure.querySelectorAll("[data-series]")].filter(entry => panels.some(panel => panel.has(entry.dataset.series)));
    const buttons = entries.map(entry => {
      const button = make("button", { type: "button", title: "Hide or show the curve" });
      button.append(...entry.childNodes);
      button.dataset.series = entry.dataset.series;
      button.setAttribute("aria-pressed", "true");
      entry.replaceWith(button);
      return button;
    });
    for (const button of buttons) button.addEventListener("click", () => {
      const { series } = button.dataset, isShown = button.getAttribute("aria-pressed") === "false";
      for (const other of buttons) if (other.dataset.series === series) other.setAttribute("aria-pressed", isShown);
      for (const panel of panels) panel.show(series, isShown);
    });
  }
}
