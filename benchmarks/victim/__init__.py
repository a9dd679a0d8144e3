"""The shipped bot with crash hooks, in a process that is made to be killed."""
