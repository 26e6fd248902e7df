// A <time data-relative> tells in its title how far away it is; data-relative="text" shows it.
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function distance(at, now, language) {
  const seconds = (at - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "minute");
}

export function relativeTimes(root) {
  const refresh = () => {
    for (const time of root.querySelectorAll("time[data-relative]")) {
      const words = distance(new Date(time.dateTime), new Date(), document.documentElement.lang);
      if (time.dataset.relative !== "text") {
        time.title = words;
        continue;
      }
      time.title ||= time.textContent;
      time.textContent = words;
    }
  };
  refresh();
  setInterval(refresh, 60000);
}
