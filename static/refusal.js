// What the server would refuse anyway is refused before it is sent, in the server's words.

export function refusal(form, file) {
  const { maxBytes, extensions, largeSentence, largeAdvice, kindSentence, kindAdvice, emptySentence } =
    form.dataset;
  const dot = file.name.lastIndexOf(".");
  const extension = dot < 0 ? "" : file.name.slice(dot).toLowerCase();
  const isVideo = file.type.startsWith("video/") || extensions.split(" ").includes(extension);
  if (!isVideo) return { sentence: kindSentence, advice: kindAdvice };
  if (file.size === 0) return { sentence: emptySentence, advice: kindAdvice };
  if (file.size > Number(maxBytes)) return { sentence: largeSentence, advice: largeAdvice };
  return null;
}
