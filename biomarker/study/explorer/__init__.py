"""A cutoff that the trial team moves: what it shows, and the page that shows it."""
