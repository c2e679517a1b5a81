// Ask how far the analysis is until it has ended, then show what came out.
import { clock } from "./clock.js";

const byId = (id) => document.getElementById(id);
const { job, face } = byId("working").dataset;
const EVERY_MS = 700;

function tell(state) {
  const { percent, done_s, total_s, elapsed_s, remaining_s } = state.progress;
  byId("bar").value = percent;
  byId("percent").textContent = `${percent} %`;
  const left = remaining_s === null ? "" : `, about ${clock(remaining_s)} left`;
  byId("times").textContent = state.started_at ? `${clock(elapsed_s)} so far${left}` : "";
  const seen = total_s && done_s ? `, ${clock(done_s)} of ${clock(total_s)}` : "";
  const stage = state.state === "queued" ? (state.stage ?? "Waiting for its turn") : (state.stage ?? "Getting ready") + seen;
  if (byId("stage").textContent !== stage) byId("stage").textContent = stage;
}

async function showFace() {
  const answer = await fetch(face);
  if (answer.status !== 200) return;
  const image = byId("face");
  image.src = `${face}?${Date.now()}`;
  image.hidden = false;
}

async function ask() {
  const answer = await fetch(job, { headers: { Accept: "application/json" } });
  // Gone: the page itself says so.
  if (answer.status === 404) return location.reload();
  if (answer.ok) {
    const state = await answer.json();
    if (!["queued", "running"].includes(state.state)) return location.reload();
    tell(state);
    if (state.progress.done_s > 0) await showFace();
  }
  setTimeout(() => ask().catch(retry), EVERY_MS);
}

function retry() {
  byId("stage").textContent = "No answer from Affect; asking again";
  setTimeout(() => ask().catch(retry), 3000);
}

ask().catch(retry);
