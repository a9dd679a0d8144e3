# Sentences that only Telegram needs.

request-too-old = I was away when you sent this. If you still want it, please send it again.
telegram-picture-moves = I can only start from a still picture, and this one moves. Please send a photo or an image file.
telegram-not-a-picture = I can only start from a picture: a photo, or an image file.
telegram-album-wordless = Which of these shall I start from? Reply to it with words, such as “make it night”.
telegram-picture-lost = I could not fetch your picture from Telegram. Please send it again.
telegram-recompressed = Too large for Telegram, so this is a compressed copy.
telegram-files-aside = A file cannot be covered, so I sent it to you in private.
telegram-files-covered = A file cannot be covered, so this is a photo. Write to me in private, and I can send you files there.
telegram-origin = ↩ from this picture
telegram-press-taken = Got it. The picture comes as a new message.
telegram-placeholder = Picture { $number } of { $count } is on its way …
telegram-hears-all = In groups I hear all that is said (privacy mode is off, or I am an administrator), so “画 …” works there too.
telegram-hears-commands = In groups I hear commands, replies to me and mentions of me only (privacy mode is on). “画 …” works in private, and where I am an administrator.
telegram-hears-posts = In a channel I hear commands, and words in reply to my pictures. My buttons are for its admins there.
telegram-post-unsigned = (In a channel Telegram does not tell me who writes. The operator of this bot can do this from a private chat, with --chat.)
telegram-press-of-reader = In a channel my buttons are for its admins. Write to me in private to draw for yourself.
telegram-rights-unknown = (Telegram did not tell me just now whether you are an admin of this chat. If you are, please try again in a minute.)
