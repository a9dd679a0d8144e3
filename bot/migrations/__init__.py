"""SQL files, applied in the order of their numbers; each commits together with its version."""
