// Send a form in the background. `done` is the address of the page to go on to; it fails with
// {sentence, advice, fileAtFault}, or with nothing to say when the person stopped it.

const BROKEN = {
  sentence: "The connection broke off while the video was being sent.",
  advice: "Check that Affect is still running, then send it again.",
};
const GONE = {
  sentence: "The video was moved, changed or deleted after it was chosen.",
  advice: "Choose it again.",
  fileAtFault: true,
};
const FILE_AT_FAULT = [413, 415, 422];

export function send(form, file, onPercent) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onPercent(Math.floor((100 * event.loaded) / event.total));
    };
    request.onload = () => (request.status < 400 ? resolve(request.responseURL) : reject(problem(request)));
    request.onerror = () => isThere(file).then((there) => reject(there ? BROKEN : GONE));
    request.onabort = () => reject({});
  });
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/problem+json, text/html;q=0.5");
  request.send(new FormData(form));
  return { done, stop: () => request.abort() };
}

async function isThere(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function problem(request) {
  try {
    const { title, detail } = JSON.parse(request.responseText);
    return { sentence: title, advice: detail, fileAtFault: FILE_AT_FAULT.includes(request.status) };
  } catch {
    return BROKEN;
  }
}
