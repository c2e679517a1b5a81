// Record from this browser's camera: see oneself, record, stop, watch it, send it or do it again.
// Nothing is recorded that the server would not take: before it is too long or too large it stops.
import { clock } from "./clock.js";

const byId = (id) => document.getElementById(`recorder-${id}`);
const dialog = document.getElementById("recorder");
const PIECE_MS = 1000;
const SHORTEST_MS = 500;
const NOTES = {
  opening: "Waiting for the camera…",
  short: "That was too short. Record again.",
  full: "It stopped here: a longer recording could not be sent.",
};
const KINDS = ["video/webm;codecs=vp8", "video/webm", "video/mp4"];

const REASONS = {
  insecure: [
    "This browser lets a page use the camera only on a secure connection.",
    "Open Affect on the computer it runs on, as http://localhost, or put https in front of it; or choose a file instead.",
  ],
  unsupported: ["This browser cannot record.", "Use another browser, or choose a file instead."],
  NotAllowedError: [
    "The camera may not be used here.",
    "Allow the camera for this page beside the address, then try again; or choose a file instead.",
  ],
  NotFoundError: ["No camera was found.", "Connect a camera and try again, or choose a file instead."],
  NotReadableError: [
    "The camera gives no picture.",
    "Close other programs that use it and try again, or choose a file instead.",
  ],
};

let stream = null;
let opening = 0; // counts, so that who waited for the camera knows whether it is still wanted
let recorder = null;
let recording = null;
let timer = null;
let limits = null;

function show(state, note = NOTES[state]) {
  byId("note").textContent = note ?? "";
  byId("refused").hidden = state !== "refused";
  byId("picture").hidden = ["opening", "short", "refused"].includes(state);
  byId("live").hidden = state === "review";
  byId("review").hidden = state !== "review";
  byId("running").hidden = state !== "recording";
  byId("start").hidden = state !== "ready";
  byId("stop").hidden = state !== "recording";
  byId("send").hidden = state !== "review";
  byId("again").hidden = !["review", "short", "refused"].includes(state);
  byId("again").textContent = state === "refused" ? "Try again" : "Again";
  const next = { ready: "start", recording: "stop", review: "send", short: "again", refused: "close" }[state];
  if (next) byId(next).focus();
}

function refuse(reason) {
  closeCamera();
  const [sentence, advice] = REASONS[reason] ?? REASONS.NotReadableError;
  byId("refused").querySelector(".sentence").textContent = sentence;
  byId("refused").querySelector(".advice").textContent = advice;
  show("refused");
}

async function openCamera() {
  show("opening");
  if (!isSecureContext) return refuse("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return refuse("unsupported");
  const mine = ++opening;
  let camera;
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
  } catch (error) {
    return mine === opening && refuse(error.name);
  }
  if (mine !== opening) return stop(camera);
  stream = camera;
  // While it is recorded the recorder ends, too, and what there is can be watched.
  camera.getVideoTracks()[0].onended = () => stream === camera && !recorder && refuse("NotReadableError");
  byId("live").srcObject = stream;
  byId("picture").hidden = false; // what is not shown does not play
  await byId("live").play().catch(() => {});
  if (mine === opening && camera.active) show("ready");
}

function stop(camera) {
  camera?.getTracks().forEach((track) => track.stop());
}

function closeCamera() {
  opening += 1;
  clearInterval(timer);
  if (recorder?.state === "recording") recorder.stop();
  stop(stream);
  stream = recorder = null;
}

function start() {
  const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
  const parts = [];
  const began = performance.now();
  const lasted = () => performance.now() - began;
  let isFull = false;
  let mine;
  try {
    mine = recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    mine.start(PIECE_MS);
  } catch {
    return refuse("NotReadableError"); // the camera went away meanwhile
  }
  mine.ondataavailable = (event) => {
    parts.push(event.data);
    if (mine.state !== "recording") return;
    // Another piece like the largest so far, and as much again for what closes the file.
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const piece = Math.max(...parts.map((part) => part.size));
    isFull = size + 2 * piece > limits.maxBytes || lasted() + 2 * PIECE_MS > limits.maxSeconds * 1000;
    if (isFull) mine.stop();
  };
  mine.onstop = () => {
    if (recorder !== mine) return; // closed meanwhile
    const type = mine.mimeType.split(";")[0] || "video/webm";
    recording = new File(parts, `recording.${type === "video/mp4" ? "mp4" : "webm"}`, { type });
    closeCamera();
    if (!recording.size || lasted() < SHORTEST_MS) return show("short");
    review(isFull ? NOTES.full : "");
  };
  byId("time").textContent = clock(0);
  timer = setInterval(() => (byId("time").textContent = clock(lasted() / 1000)), 250);
  show("recording");
}

function review(note) {
  URL.revokeObjectURL(byId("review").src);
  byId("review").src = URL.createObjectURL(recording);
  show("review", note);
}

function forget() {
  closeCamera();
  URL.revokeObjectURL(byId("review").src);
  byId("review").removeAttribute("src");
}

export function openRecorder(allowed, send) {
  limits = allowed;
  byId("start").onclick = start;
  byId("stop").onclick = () => recorder?.stop();
  byId("again").onclick = openCamera;
  byId("close").onclick = () => dialog.close();
  byId("send").onclick = () => {
    dialog.close();
    send(recording);
  };
  dialog.onclose = forget;
  dialog.showModal();
  openCamera();
}
