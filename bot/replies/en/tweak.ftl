# Words in reply to a result, and the form of ✏️.
note-tweak-added = “{ $words }” was added to the words of the picture. To draw something else, reply to it with the words alone.
note-tweak-avoided = “{ $words }” is not in the prompt, so it is avoided from now on.
note-tweak-empty = Nothing stands behind the + or -, so nothing was changed there.
edit-title = Draw it changed
edit-prompt = Prompt
edit-negative = What should not appear
edit-seed = Seed (empty: a new one)
edit-strength = Strength: how much of the source changes
