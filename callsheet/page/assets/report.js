// The report: the views of a document that does not change.

import { start } from "./app.js";
import { VIEWS } from "./views.js";

start(document.getElementById("page"), JSON.parse(document.getElementById("document").textContent), VIEWS);
