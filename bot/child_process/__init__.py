"""Helper processes of the bot: framed messages over their pipes, started and ended in order."""
