"""From a model to draws: the program, its density and gradient, chains, and refits."""
