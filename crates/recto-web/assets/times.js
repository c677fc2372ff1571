// Makes times relative; the exact one is shown on hover.
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

export function relative(root = document) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const then = new Date(time.dateTime);
    let amount = (then - Date.now()) / 1000;
    for (const [unit, size] of steps) {
      if (Math.abs(amount) < size) {
        time.textContent = words.format(Math.round(amount), unit);
        break;
      }
      amount /= size;
    }
    time.title = exact.format(then);
  }
}

relative();
setInterval(relative, 30000);
