// What the pages do beyond plain links and forms. Without any of this they still work.
import { startCopying } from "./copy.js";
import { startForms } from "./forms.js";
import { foldJson } from "./json.js";
import { startKeys } from "./keys.js";
import { startList } from "./list.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startTimes } from "./times.js";
import { startToasts } from "./toasts.js";

startTimes();
startToasts();
startMenus();
startForms();
startCopying();
startList();
startKeys();
startLive();
foldJson(document);
