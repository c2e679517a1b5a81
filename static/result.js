// The result: the timeline answers to pointer and keys, and moves the video where it was kept.
import { playWithBoxes } from "./player.js";
import { bringToLife } from "./timeline.js";

const timeline = document.getElementById("timeline");
const player = document.getElementById("video") ? playWithBoxes(timeline) : null;
const moveNeedle = bringToLife(timeline, (time) => player?.seek(time));
player?.onTime(moveNeedle);

const menu = document.getElementById("downloads");
menu.addEventListener("click", (event) => event.target.closest("a") && menu.hidePopover());
