// Lanes are read in parts of SIZE; a part is asked again with its tag and answers 304 when nothing
// in it has changed.
const SIZE = 60;
const AHEAD = 1; // parts read beyond those in sight
const AT_ONCE = 3; // requests; what was scrolled past meanwhile is never asked for

export function parts(spec, changed) {
  const kept = new Map(); // part → {lanes, tag}
  const asked = new Set();
  let wanted = [];

  async function read(part) {
    if (asked.has(part)) return;
    asked.add(part);
    const address = new URL(spec.lanes, location.href);
    address.searchParams.set("first", part * SIZE);
    address.searchParams.set("count", SIZE);
    const tag = kept.get(part)?.tag;
    try {
      const answer = await fetch(address, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
      if (!answer.ok) return; // 304, or a fault: what is shown stays
      const { lanes } = await answer.json();
      kept.set(part, { lanes, tag: answer.headers.get("ETag") });
      changed(part * SIZE, part * SIZE + SIZE);
    } catch {
      // without a connection what is shown stays; it is asked again
    } finally {
      asked.delete(part);
      wanted = wanted.filter((other) => other !== part); // one that failed waits to be looked at again
      next();
    }
  }

  function next() {
    for (const part of wanted) {
      if (asked.size >= AT_ONCE) return;
      if (!kept.has(part)) read(part);
    }
  }

  const among = (first, last, beyond) => {
    const most = Math.ceil(spec.total / SIZE) - 1;
    const from = Math.max(0, Math.floor(first / SIZE) - beyond);
    const until = Math.min(most, Math.floor(Math.max(first, last - 1) / SIZE) + beyond);
    return Array.from({ length: Math.max(0, until - from + 1) }, (_, n) => from + n);
  };

  return {
    lane: (number) => kept.get(Math.floor(number / SIZE))?.lanes[number % SIZE],
    want: (first, last) => {
      wanted = [...among(first, last, 0), ...among(first, last, AHEAD)];
      next();
    },
    again: (first, last) => {
      for (const part of among(first, last, 0)) read(part);
      const near = new Set(among(first, last, AHEAD));
      for (const part of kept.keys()) if (!near.has(part)) kept.delete(part); // old by then
    },
  };
}
