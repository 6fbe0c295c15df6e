// The views of a page, in their order.

import { board } from "./board.js";
import { chart } from "./chart.js";
import { compare } from "./compare.js";
import { failures } from "./failures.js";
import { film } from "./film.js";
import { graph } from "./graph.js";
import { money } from "./money.js";
import { reuse } from "./reuse.js";

export const VIEWS = [film, board, graph, chart, money, reuse, failures, compare];
