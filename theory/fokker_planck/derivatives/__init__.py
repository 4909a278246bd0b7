"""Derivatives of stationary expectations in a parameter: on a line, of the fitted flux, of the centred one."""
