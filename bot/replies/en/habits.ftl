# What members keep for themselves, and what pictures carry.
command-preset = Keep words and flags under a name of your own
command-info = Show how a picture was made
preset-usage =
    /preset save NAME words and flags    keeps them; without words, those of the picture you reply to or of your last one
    /preset use NAME words    draws with them; --preset NAME in any request does too
    /preset list    /preset rm NAME
preset-title = { $count ->
    [one] Your preset:
   *[other] Your { $count } presets:
}
preset-none = You have no presets yet.
preset-line = • { $name }: { $words }
preset-saved = Kept as “{ $name }”: { $words }
preset-replaced = “{ $name }” is now: { $words }
preset-how = Draw with it: /preset use { $name } and words, or --preset { $name } in any request.
preset-removed = “{ $name }” is deleted.
preset-unknown = You have no preset “{ $asked }”. /preset list shows yours.
preset-unknown-near = You have no preset “{ $asked }”. Did you mean { $near }?
preset-bad-name = “{ $asked }” cannot be the name of a preset. Take up to { $most } letters, digits, - or _, without spaces.
preset-long = These words have { $length } characters; a preset holds { $most }.
preset-too-many = You have { $most } presets already. Delete one with /preset rm NAME first.
preset-nothing = There is no picture to take the words from. Write them: /preset save NAME words
preset-nested = A preset cannot contain another preset.
info-no-picture = Reply with /info to a picture, or send it along, and I show how it was made.
info-nothing = This picture carries no parameters.
info-nothing-telegram = This picture carries no parameters. Telegram takes them out of photos: they stay in pictures that are sent as files.
unknown-command-near = I do not know /{ $command }. Did you mean /{ $near }?

# On Discord
discord-name-info = info
discord-name-preset = preset
discord-option-name = name
discord-option-words = words
discord-about-info-image = The picture whose parameters you want to see
discord-preset-save = save
discord-preset-use = use
discord-preset-list = list
discord-preset-rm = rm
discord-about-preset-save = Keep words and flags; without words, those of your last picture
discord-about-preset-use = Draw with a preset
discord-about-preset-list = Show your presets
discord-about-preset-rm = Delete a preset
discord-about-preset-name = The name of the preset
discord-about-preset-prompt = What to draw, in the way of the preset
discord-about-preset-words = What you would write to draw: words and flags
discord-menu-upscale = Upscale
discord-menu-info = Show parameters
discord-menu-report = Report
