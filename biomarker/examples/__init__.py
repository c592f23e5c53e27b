"""Example studies shipped with the package, and the generator of the simulated trial."""
