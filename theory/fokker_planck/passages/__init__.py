"""First passages on grids: times, committors, rates, with their errors."""
