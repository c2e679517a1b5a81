// The first page: a file is chosen, dropped or recorded, checked, and sent while a bar tells how far.
import { acceptDrops } from "./drop.js";
import { openRecorder } from "./record.js";
import { refusal } from "./refusal.js";
import { send } from "./upload.js";

const byId = (id) => document.getElementById(id);
const form = byId("upload");
const input = byId("file");

function show(part) {
  for (const id of ["choose", "chosen", "sending"]) byId(id).hidden = id !== part;
  byId("terms").hidden = part === "sending";
  // Until there is a video, nothing competes with the ways to choose one.
  byId("analyse").hidden = part !== "chosen";
}

function refuse(problem) {
  const box = byId("refused");
  box.hidden = !problem;
  if (!problem) return;
  box.querySelector(".sentence").textContent = problem.sentence;
  box.querySelector(".advice").textContent = problem.advice;
  box.scrollIntoView({ block: "nearest" });
}

function sizeOf(file) {
  return file.size < 1e6 ? `${Math.ceil(file.size / 1e3)} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
}

function choose(files) {
  const file = files[0];
  if (!file) return;
  const problem = refusal(form, file);
  refuse(problem);
  if (problem) {
    input.value = "";
    show("choose");
    return;
  }
  if (input.files !== files) input.files = files;
  byId("chosen-name").textContent = file.name;
  byId("chosen-size").textContent = sizeOf(file);
  show("chosen");
  byId("analyse").focus();
}

async function submit(event) {
  event.preventDefault();
  refuse(null);
  byId("sending-name").textContent = input.files[0].name;
  show("sending");
  const sending = send(form, (percent) => {
    byId("sending-bar").value = percent;
    byId("sending-words").textContent = percent < 100 ? `Sending, ${percent} %` : "Checking the video";
  });
  byId("sending-stop").onclick = sending.stop;
  try {
    location.href = await sending.done;
  } catch (problem) {
    show("chosen");
    if (problem.sentence) refuse(problem);
  }
}

input.addEventListener("change", () => choose(input.files));
form.addEventListener("submit", submit);
byId("other").addEventListener("click", () => {
  input.value = "";
  show("choose");
  input.focus();
});
byId("record").addEventListener("click", () =>
  openRecorder((recording) => {
    const transfer = new DataTransfer();
    transfer.items.add(recording);
    choose(transfer.files);
    form.requestSubmit(byId("analyse"));
  }),
);
acceptDrops(byId("zone"), choose);
// Coming back to the page, the browser may still have the file it chose.
addEventListener("pageshow", () => (input.files.length ? choose(input.files) : show("choose")));
