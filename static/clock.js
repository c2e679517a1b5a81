// Seconds as m:ss, or h:mm:ss from one hour on; a moment to the tenth.

export function clock(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

export function moment(seconds) {
  return `${clock(seconds)}.${Math.floor(seconds * 10 + 1e-6) % 10}`;
}
