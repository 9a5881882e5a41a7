"""What models learn from: teachers, manifolds, images, text, percolation clusters."""
