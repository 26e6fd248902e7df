// Every page works without this; these modules only save clicks and typing.
import { ask } from "./ask.js";
import { atOnce } from "./at_once.js";
import { autosubmit } from "./autosubmit.js";
import { focusFirst } from "./focus.js";
import { holds } from "./hold.js";
import { menus } from "./menu.js";
import { once } from "./once.js";
import { passkeys } from "./passkey.js";
import { periods } from "./period.js";
import { relativeTimes } from "./relative.js";
import { selectAll } from "./select_all.js";
import { shares } from "./share.js";
import { stars } from "./star.js";
import { weeks } from "./week.js";

document.documentElement.classList.add("scripted");
for (const start of [focusFirst, ask, autosubmit, holds, menus, once, passkeys, periods, relativeTimes, selectAll, shares, stars, weeks, atOnce]) {
  start(document);
}
