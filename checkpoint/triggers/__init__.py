"""What begins a checkpoint by itself: a change of the world that it depends on."""
