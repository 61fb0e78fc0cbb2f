/** The thread in which one engine of the registry runs. */
import { REGISTRY } from "./registry.ts";
import { serve } from "./serve.ts";

serve(REGISTRY);
