/** The worker of the engines that misbehave. */
import { serve } from "../../models/serve.ts";
import { BROKEN_REGISTRY } from "./broken_engines.ts";

serve(BROKEN_REGISTRY);
