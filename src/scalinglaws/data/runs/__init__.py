"""Tables of other people's training runs, as their authors publish them; none comes with us."""
