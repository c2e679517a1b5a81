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
  box.tabIndex = -1;
  box.focus();
}

function chooseAgain() {
  input.value = "";
  show("choose");
}

function sizeOf(file) {
  return file.size < 1e6 ? `${Math.ceil(file.size / 1e3)}\u00a0kB` : `${(file.size / 1e6).toFixed(1)}\u00a0MB`;
}

function only(file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  return transfer.files;
}

function choose(files) {
  const file = files[0];
  const busy = !byId("sending").hidden; // something dropped meanwhile is not what is being sent
  if (!file || busy) return;
  const problem = refusal(form, file);
  if (problem) {
    chooseAgain();
    return refuse(problem);
  }
  refuse(null);
  if (input.files !== files) input.files = only(file);
  byId("chosen-name").textContent = file.name;
  byId("chosen-size").textContent = sizeOf(file) + (files.length > 1 ? `, the first of ${files.length} files` : "");
  show("chosen");
  byId("analyse").focus();
}

async function submit(event) {
  event.preventDefault();
  refuse(null);
  byId("sending-name").textContent = input.files[0].name;
  byId("sending-bar").value = 0;
  byId("sending-words").textContent = "Sending";
  show("sending");
  const sending = send(form, input.files[0], (percent) => {
    byId("sending-bar").value = percent;
    byId("sending-words").textContent = percent < 100 ? `Sending, ${percent} %` : "Checking the video";
  });
  byId("sending-stop").onclick = sending.stop;
  try {
    location.href = await sending.done;
  } catch (problem) {
    problem.fileAtFault ? chooseAgain() : show("chosen");
    if (problem.sentence) refuse(problem);
  }
}

input.addEventListener("change", () => choose(input.files));
form.addEventListener("submit", submit);
byId("other").addEventListener("click", () => {
  chooseAgain();
  input.focus();
});
byId("record").addEventListener("click", () =>
  openRecorder(form.dataset, (recording) => {
    choose(only(recording));
    if (input.files.length) form.requestSubmit(byId("analyse"));
  }),
);
acceptDrops(byId("zone"), choose);
// Coming back to the page, the browser may still have the file it chose.
addEventListener("pageshow", () => {
  show("choose");
  choose(input.files);
});
