# What is kept of members, and /forget.

command-privacy = Show what I keep about you
command-forget = Delete your pictures and prompts
command-admin = For admins of this chat: quotas, bans, pause, log

privacy-intro = What I keep, all of it on the machine I run on:
privacy-requests = • Your requests: the text, the settings, your name at the time, the chat, the numbers of the messages. Until you use /forget.
privacy-pictures = • The pictures I drew and the ones you gave me: { $days ->
    [one] one day
   *[other] { $days } days
}, or until they take more than { $gb } GB together, the oldest going first. The words inside a picture’s record stay with your request.
privacy-credits = • How many credits each request cost, what limits, grants and links an admin gave you, when you last asked, your turn in line. These stay: the accounts must add up.
privacy-bans = • Bans and their reasons. They outlive /forget.
privacy-strikes = • Requests of yours that I had to refuse: when, where, of which kind, and a fingerprint of the words; the words themselves for some days, as the operator has set it, or until /forget. The rest outlives /forget.
privacy-settings = • Defaults that you set with /settings. Until you change them or use /forget.
privacy-presets = • Presets that you keep with /preset. Until you delete them or use /forget.
privacy-reports = • Which results you reported, and when. Until you use /forget. Admins of the chat can see it in their log, and that stays.
privacy-names = • That you spoke in a chat I serve, your @name and language, and where to write to you in private. /forget takes all but the first away.
privacy-chats = • The chats I was invited to: number, title, settings.
privacy-inbox = • What the platform sends me, until it is handled: seconds. A message that I cannot read is kept for { $days ->
    [one] one day
   *[other] { $days } days
}, so that the fault can be found.
privacy-admin = • What admins do by command: who, when, whom it concerns, before and after. This stays.
privacy-log = • My log has account numbers and what became of requests, no prompts. How long it is kept is up to the operator’s machine.
privacy-who = Who sees it: whoever runs me can see all of it. Admins of a chat see what was done by command there. Nobody else, and I send nothing to anybody; what I post in a chat is the platform’s from then on.
privacy-forget = /forget deletes your pictures and words. For a copy of what I keep about you, ask the operator.

forget-confirm = This deletes all your pictures and prompts here, and your name; what still waits is cancelled. Credits that you used stay counted. It cannot be undone. If you mean it, send: /forget yes
forget-linked = These accounts are yours and are forgotten together: { $accounts }
forget-done = Forgotten: { $requests ->
    [one] one request
   *[other] { $requests } requests
}, { $pictures ->
    [0] no picture files
    [one] one picture file
   *[other] { $pictures } picture files
} deleted.
forget-cancelled = { $count ->
    [one] One request was cancelled, and is forgotten within the hour.
   *[other] { $count } requests were cancelled, and are forgotten within the hour.
}
forget-later = { $count ->
    [one] One request is still being ended; it is forgotten within the hour.
   *[other] { $count } requests are still being ended; they are forgotten within the hour.
}
forget-stays = What I have posted in chats stays there: delete it yourself, or ask an admin. A picture that somebody else went on from stays as the source of theirs.
forget-nothing = You have no requests here. Your name and settings, if there were any, are forgotten.
