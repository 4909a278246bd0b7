"""Two and three dimensions: the stationary law on a grid."""
