# Whom a command is about, when that is nobody.

target-unknown = I do not know anybody here by that name. Reply to a message of theirs, or name them by their id (telegram:123456).
target-channel = That was posted by a channel or another group, not by a member. Reply to a message of the member, or name them by their id.
target-anonymous = That was written by an anonymous admin, whose account I cannot see. Name the member by their id.
target-bot = That is a bot; it has no quota here. Reply to a message of the member whom you mean.
