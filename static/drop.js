// Files may be dropped anywhere on the page; the zone lights up while they hover over it.

export function acceptDrops(zone, choose) {
  let depth = 0;
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  const light = (on) => zone.classList.toggle("over", on);

  addEventListener("dragenter", (event) => {
    if (!withFiles(event)) return;
    depth += 1;
    light(true);
  });
  addEventListener("dragleave", (event) => {
    if (!withFiles(event)) return;
    depth -= 1;
    if (depth <= 0) light(false);
  });
  addEventListener("dragover", (event) => {
    if (withFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    depth = 0;
    light(false);
    choose(event.dataTransfer.files);
  });
}
