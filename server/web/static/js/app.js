// Pages work without any of this; it makes them quick.
import "htmx.org/dist/htmx.esm.js";
import { watchAttachments } from "./attach.js";
import { watchCopies } from "./copy.js";
import { watchKeys } from "./keys.js";
import { watchLive } from "./live.js";
import { watchMenus } from "./menu.js";
import { watchNotices } from "./notice.js";
import { watchRows } from "./rows.js";
import { watchSearch } from "./search.js";
import { watchTables } from "./table.js";
import { watchTabs } from "./tabs.js";

watchAttachments();
watchMenus();
watchSearch();
watchTables();
watchTabs();
watchRows();
watchCopies();
watchNotices();
watchKeys();
watchLive();
