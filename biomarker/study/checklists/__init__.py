"""Reporting checklists, filled from what was run."""
