"""How the numbers were made, as the methods section of a paper tells it, with its references."""
