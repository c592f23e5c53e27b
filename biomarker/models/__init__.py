"""Fits handed to statsmodels, lifelines, firthmodels and others: frames in, plain named tuples out."""
