// The kept video, with a box and a name over each face while it plays.

export function playWithBoxes(timeline) {
  const video = document.getElementById("video");
  const canvas = document.getElementById("overlay");
  const colors = JSON.parse(timeline.dataset.colors);
  const chosen = Number(timeline.dataset.person ?? 0);
  const watchers = [];
  let moments = [];
  let held = () => false;

  const draw = () => {
    watchers.forEach((tell) => tell(video.currentTime));
    const brush = scaled(canvas, video);
    const known = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    for (const face of known ? facesAt(moments, video.currentTime, held) : []) {
      if (!chosen || face.person === chosen) box(brush, face, colors);
    }
  };
  const follow = () => {
    draw();
    if (!video.paused && !video.ended) requestAnimationFrame(follow);
  };
  video.addEventListener("play", follow);
  for (const name of ["seeked", "loadeddata", "pause"]) video.addEventListener(name, draw);
  addEventListener("resize", draw);
  const giveUp = () => {
    video.hidden = canvas.hidden = true;
    document.getElementById("unplayable").hidden = false;
  };
  video.addEventListener("error", giveUp);
  // Of a picture that it cannot decode a browser may play the sound alone.
  video.addEventListener("loadedmetadata", () => video.videoWidth || giveUp());
  fetch(timeline.dataset.results)
    .then((answer) => (answer.ok ? answer.json() : { frames: [] })) // deleted meanwhile
    .then((report) => {
      moments = report.frames;
      held = whileHeld(moments);
      draw();
    });

  return {
    seek: (time) => (video.currentTime = time),
    onTime: (tell) => watchers.push(tell),
  };
}

// Whether a look still stands for the video: until the next if that is near, else as long as usual. As
// affect/report/axis.py has it, so that there are boxes where the timeline has colours.
function whileHeld(moments) {
  const apart = moments.slice(1).map((moment, i) => moment.time_s - moments[i].time_s);
  const usual = apart.sort((a, b) => a - b)[(apart.length - 1) >> 1] ?? 1;
  const near = Math.max(1.8 * usual, 1);
  return (look, next, time) => (next && next.time_s - look.time_s <= near) || time < look.time_s + usual;
}

function facesAt(moments, time, held) {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle].time_s <= time + 1e-3) low = middle + 1;
    else high = middle;
  }
  const look = moments[low - 1];
  return look && held(look, moments[low], time) ? look.faces : [];
}

function scaled(canvas, video) {
  const density = devicePixelRatio;
  canvas.width = video.clientWidth * density;
  canvas.height = video.clientHeight * density;
  const brush = canvas.getContext("2d");
  const scale = video.videoWidth ? canvas.width / video.videoWidth : 1;
  return { brush, scale, density };
}

// In CSS pixels: on narrower pictures the names would cover each other.
const NARROW = 480;

function box({ brush, scale, density }, face, colors) {
  const [x, y, width, height] = face.box.map((side) => side * scale);
  brush.lineWidth = 2.5 * density;
  brush.strokeStyle = colors[face.emotion] ?? "#ffffff";
  brush.strokeRect(x, y, width, height);
  const { width: right, height: bottom } = brush.canvas;
  const name = `Person ${face.person}${face.emotion ? `, ${face.emotion}` : ""}`;
  const words = right < NARROW * density ? `${face.person}` : name;
  brush.font = `600 ${13 * density}px system-ui, sans-serif`;
  const high = 20 * density;
  const wide = brush.measureText(words).width + 12 * density;
  const left = Math.max(0, Math.min(x, right - wide));
  const top = y > high ? y - high : Math.min(y + height, bottom - high);
  brush.fillStyle = "rgb(0 0 0 / 0.75)";
  brush.fillRect(left, top, wide, high);
  brush.fillStyle = "#ffffff";
  brush.fillText(words, left + 6 * density, top + 14.5 * density);
}
