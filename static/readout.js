// What one person showed at one time: the face, the time, and how probable each emotion was.
import { moment } from "./clock.js";

const SVG = "http://www.w3.org/2000/svg";

export function fill(readout, band, time, cell, colors) {
  const top = element("div", "top");
  if (band.dataset.face) {
    const face = element("img");
    Object.assign(face, { src: band.dataset.face, alt: "", width: 36, height: 36 });
    top.append(face);
  }
  const words = element("div");
  const what = cell ? (cell.emotion ?? "face unclear") : "no face seen";
  words.append(element("strong", "", what), `Person ${band.dataset.person}, ${moment(time)}`);
  top.append(words);
  readout.replaceChildren(top, ...(cell?.scores ?? []).map(([label, percent]) => score(label, percent, colors[label])));
}

function score(label, percent, color) {
  const row = element("div", "score");
  const bar = document.createElementNS(SVG, "svg");
  const value = document.createElementNS(SVG, "rect");
  value.setAttribute("width", `${percent}%`);
  value.setAttribute("height", "100%");
  value.setAttribute("rx", "2");
  value.setAttribute("fill", color);
  bar.append(value);
  row.append(element("span", "", label), bar, element("span", "", `${percent} %`));
  return row;
}

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
