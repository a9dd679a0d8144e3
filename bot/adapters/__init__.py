"""One package per chat platform; adapters know nothing of each other."""
