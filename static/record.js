// Record from this browser's camera: see oneself, record, stop, watch it, send it or do it again.
import { clock } from "./clock.js";

const byId = (id) => document.getElementById(`recorder-${id}`);
const dialog = document.getElementById("recorder");
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

function show(state) {
  byId("refused").hidden = state !== "refused";
  byId("picture").hidden = state === "refused";
  byId("live").hidden = state === "review";
  byId("review").hidden = state !== "review";
  byId("running").hidden = state !== "recording";
  byId("start").hidden = state !== "ready";
  byId("stop").hidden = state !== "recording";
  byId("send").hidden = state !== "review";
  byId("again").hidden = !["review", "refused"].includes(state);
  byId("again").textContent = state === "refused" ? "Try again" : "Again";
  const next = { ready: "start", recording: "stop", review: "send", refused: "close" }[state];
  if (next) byId(next).focus();
}

function refuse(reason) {
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
  byId("live").srcObject = stream;
  await byId("live").play().catch(() => {});
  if (mine === opening) show("ready");
}

function stop(camera) {
  camera?.getTracks().forEach((track) => track.stop());
}

function closeCamera() {
  opening += 1;
  clearInterval(timer);
  if (recorder?.state === "recording") {
    recorder.onstop = null;
    recorder.stop();
  }
  stop(stream);
  stream = null;
}

function start() {
  const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
  const parts = [];
  recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => review(parts, recorder.mimeType.split(";")[0] || "video/webm");
  recorder.start(1000);
  const began = performance.now();
  byId("time").textContent = clock(0);
  timer = setInterval(() => (byId("time").textContent = clock((performance.now() - began) / 1000)), 250);
  show("recording");
}

function review(parts, type) {
  clearInterval(timer);
  recording = new File(parts, `recording.${type === "video/mp4" ? "mp4" : "webm"}`, { type });
  closeCamera();
  URL.revokeObjectURL(byId("review").src);
  byId("review").src = URL.createObjectURL(recording);
  show("review");
}

function forget() {
  closeCamera();
  URL.revokeObjectURL(byId("review").src);
  byId("review").removeAttribute("src");
}

export function openRecorder(send) {
  byId("start").onclick = start;
  byId("stop").onclick = () => recorder.stop();
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
