# Discord: names of commands and options, the menu, and what only Discord makes necessary.
discord-name-draw = draw
discord-name-cancel = cancel
discord-name-queue = queue
discord-name-quota = quota
discord-name-models = models
discord-name-help = help
discord-name-privacy = privacy
discord-name-forget = forget
discord-name-claim = claim
discord-name-admin = admin
discord-about-claim = Become the operator with the code that was printed at the start
discord-about-text-cancel = The id of a request, if not the newest
discord-about-text-claim = The code
discord-about-text-forget = “yes”, once you have read what is deleted
discord-option-text = text
discord-option-prompt = prompt
discord-option-image = image
discord-option-negative = negative
discord-option-seed = seed
discord-option-steps = steps
discord-option-cfg = cfg
discord-option-sampler = sampler
discord-option-size = size
discord-option-count = count
discord-option-strength = strength
discord-option-hires = hires
discord-option-model = model
discord-option-preset = preset
discord-option-spoiler = spoiler
discord-option-file = file
discord-about-prompt = What to draw; not needed with a picture that carries its own parameters
discord-about-image = A picture to start from
discord-about-negative = What should not be in it
discord-about-seed = The same seed gives the same picture; -1 is random
discord-about-steps = How many steps to draw
discord-about-cfg = How closely to follow the words
discord-about-sampler = The way of drawing
discord-about-size = Such as 768x512, 3:2 or portrait
discord-about-count = How many pictures
discord-about-strength = How much of the given picture may change, 0 to 1
discord-about-hires = Hires fix: so many times larger, drawn over in a second pass
discord-about-model = Which model draws
discord-about-preset = Words and flags that you keep with /preset
discord-about-spoiler = Hide the picture until it is clicked
discord-about-file = Send the uncompressed original
discord-menu-vary = Vary this image
discord-vary-title = Vary this image
discord-vary-label = What should it become?
discord-vary-hint = Words as for /draw; flags such as --strength 0.5 work too.
discord-no-picture = There is no picture in that message.
discord-menu-forgotten = That took too long, and the picture is no longer at hand. Please choose the menu again.
discord-picture-hidden = Discord does not show me that message. Use its menu instead: Apps ▸ Vary this image.
discord-picture-failed = Discord did not give me that picture. Please attach it again.
discord-origin = ↩ from this picture
discord-recompressed = (Too large for Discord, so it was compressed.)
discord-sent-aside = (Where you asked, Discord gives me fifteen minutes for an answer. They are over, so this comes to you in private.)
discord-help-away = You have brought me along: I am no member here. Use /draw, the buttons, or the menus under Apps; I do not see mentions and replies here. A picture that takes longer than fifteen minutes comes to you in private.
discord-outdated = This command has changed meanwhile. Please reload Discord and choose it again.
discord-draw-empty = What shall I draw? Fill in prompt, or give an image that carries its parameters, or a preset.
discord-report-foreign = That picture is none of mine. Only what I drew can be reported to the admins here.
help-discord =
    I draw what you describe:
    /draw prompt: a red fox in the snow
    Or mention me: @me a red fox. In private, words alone are enough.

    To change a picture, give it to /draw as image, or choose Apps ▸ Vary this image in its menu.
    Reply to a picture of mine with words, the mention on, and I draw it changed: + snow, - people, other words, --steps 30, again, same seed.
    A picture file that carries its parameters needs no words: /draw image draws by them, Apps ▸ Show parameters shows them. Parameters pasted from A1111’s web UI work too.

    Under a picture: U larger, V a little different, 🎲 with another seed, ✏️ with other words, 📄 the original file, ℹ️ how it was made, 🗑 delete.

    What is no option of /draw can stand in the words:
    --no blurry, text    what should not appear
    --ar 3:2    the shape
    --price    what it would cost, without drawing
    --seed 42 --vary 0.1    much like the picture of that seed
    <lora:name:0.8>    a LoRA
    {"{"}red|blue{"}"} fox    each picture draws one of the words

    /preset keeps words and flags under a name of your own.
    /queue shows the line, /quota your credits, /models the models, /cancel stops your newest request.
    /settings shows your defaults, /privacy what I keep of you, /forget deletes it.
