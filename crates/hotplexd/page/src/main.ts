import * as address from "./address.ts";
import { App } from "./app.ts";

address.takeToken();
new App().start();
