"""Laws in time on grids, with their errors."""
