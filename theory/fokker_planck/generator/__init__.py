"""The rate matrix of a Fokker-Planck equation: stencils, fluxes, assembly."""
