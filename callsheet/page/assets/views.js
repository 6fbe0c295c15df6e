// The views of a page, in their order. A live page may add its own.

import { board } from "./board.js";
import { film } from "./film.js";

export const VIEWS = [film, board];
