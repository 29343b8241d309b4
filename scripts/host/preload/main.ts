// Preloaded into the program by `scripts/host/pulumi`: what makes a preview fast, and nothing that the program would miss.
import "./lazy-modules.ts";
import "./early-look.ts";
