// Ribbons that say what they show: under the pointer, and cell by cell with the arrow keys.
import { moment } from "./clock.js";
import { fill } from "./readout.js";

const SVG = "http://www.w3.org/2000/svg";

export function bringToLife(timeline, seek) {
  const length = Number(timeline.dataset.length);
  const colors = JSON.parse(timeline.dataset.colors);
  const readout = document.getElementById("readout");
  const ribbons = [...timeline.querySelectorAll(".band")].map((band) => ribbonOf(band, length));

  const moveNeedles = (time) => ribbons.forEach((ribbon) => ribbon.point(time));
  for (const ribbon of ribbons) {
    const { band } = ribbon;
    const timeUnder = (event) => {
      const { left, width } = band.getBoundingClientRect();
      return (Math.min(Math.max(event.clientX - left, 0), width) / width) * length;
    };
    const tell = (time) => {
      moveNeedles(time);
      const cell = ribbon.at(time);
      fill(readout, band, time, cell, colors);
      place(readout, band, time / length, timeline);
    };
    const step = (time) => {
      ribbon.time = Math.min(Math.max(time, 0), length);
      band.setAttribute("aria-valuenow", ribbon.time.toFixed(2));
      band.setAttribute("aria-valuetext", ribbon.words(ribbon.time));
      tell(ribbon.time);
    };
    band.addEventListener("pointermove", (event) => tell(timeUnder(event)));
    band.addEventListener("pointerleave", () => (readout.hidden = true));
    band.addEventListener("blur", () => (readout.hidden = true));
    band.addEventListener("focus", () => band.matches(":focus-visible") && step(ribbon.time));
    band.addEventListener("click", (event) => {
      step(timeUnder(event));
      seek(ribbon.time);
    });
    band.addEventListener("keydown", (event) => {
      const to = {
        ArrowRight: ribbon.after,
        ArrowUp: ribbon.after,
        ArrowLeft: ribbon.before,
        ArrowDown: ribbon.before,
        PageUp: (time) => time + length / 10,
        PageDown: (time) => time - length / 10,
        Home: () => 0,
        End: () => length,
      }[event.key];
      if (to) step(to(ribbon.time));
      else if (event.key === "Enter" || event.key === " ") seek(ribbon.time);
      else return;
      event.preventDefault();
    });
  }
  // A finger leaves no ribbon: what it asked for goes with its next touch elsewhere.
  addEventListener("pointerdown", (event) => (readout.hidden ||= !event.target.closest(".band")));
  return moveNeedles;
}

function ribbonOf(band, length) {
  const cells = [...band.querySelectorAll(".cell")].map((rect) => ({
    start: Number(rect.dataset.start),
    end: Number(rect.dataset.end),
    emotion: rect.dataset.emotion ?? null,
    scores: (rect.dataset.scores ?? "").split(",").filter(Boolean).map((pair) => pair.split(" ")),
  }));
  // The readout says more than the browser's own hint would.
  band.querySelectorAll("title").forEach((title) => title.remove());
  const needle = document.createElementNS(SVG, "line");
  needle.setAttribute("class", "needle");
  needle.setAttribute("y2", "100%");
  needle.setAttribute("visibility", "hidden");
  band.append(needle);
  // The very end belongs to the last cell.
  const at = (time) =>
    cells.find((cell) => cell.start <= time && (time < cell.end || cell.end > length - 2e-3)) ?? null;
  const words = (time) => {
    const cell = at(time);
    if (!cell) return `${moment(time)}, no face seen`;
    if (!cell.emotion) return `${moment(time)}, face unclear`;
    const probability = cell.scores.find(([label]) => label === cell.emotion)[1];
    return `${moment(time)}, ${cell.emotion} ${probability} %`;
  };
  band.setAttribute("role", "slider");
  band.setAttribute("tabindex", "0");
  band.setAttribute("aria-label", `Timeline of person ${band.dataset.person}`);
  band.setAttribute("aria-valuemin", "0");
  band.setAttribute("aria-valuemax", length.toFixed(2));
  band.setAttribute("aria-valuenow", "0");
  band.setAttribute("aria-valuetext", words(0));
  return {
    band,
    at,
    words,
    time: 0,
    after: (time) => cells.find((cell) => cell.start > time + 1e-6)?.start ?? length,
    before: (time) => cells.findLast((cell) => cell.start < time - 1e-6)?.start ?? 0,
    point(time) {
      const x = `${(100 * time) / length}%`;
      needle.setAttribute("x1", x);
      needle.setAttribute("x2", x);
      needle.setAttribute("visibility", "visible");
    },
  };
}

function place(readout, band, share, timeline) {
  readout.hidden = false;
  const outer = timeline.getBoundingClientRect();
  const inner = band.getBoundingClientRect();
  const x = inner.left - outer.left + share * inner.width - readout.offsetWidth / 2;
  readout.style.left = `${Math.min(Math.max(x, 0), outer.width - readout.offsetWidth)}px`;
  const above = inner.top - readout.offsetHeight - 10;
  // A kept video plays above: that stays in sight.
  const y = above > 0 && !document.getElementById("video") ? above : inner.bottom + 10;
  readout.style.top = `${y - outer.top}px`;
}
