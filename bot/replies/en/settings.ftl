# /settings: what a chat's admins choose for it, and members for themselves.
command-settings = Show or change the defaults of requests
command-language = Choose the language I answer you in, as with /language zh

settings-title-chat = The defaults in this chat, where a request says nothing else:
settings-title-member = Your own defaults, in every chat, where a request says nothing else:
settings-line = • { $name }: { $value }
settings-how-chat = The admins of this chat change it: /settings steps 30, and back with /settings steps default. For yourself: /settings my steps 30
settings-how-member = Change it with /settings my steps 30, and take it back with /settings my steps default.
settings-changed = { $name }{ $scope ->
    [member] {" "}for yourself
   *[chat] {" "}in this chat
}: { $before } → { $after }.
settings-unchanged = { $name } is { $after } already.
settings-default = default
settings-as-default = { $value } (default)
settings-nothing = nothing
settings-suits-model = what suits the model
settings-usual-language = as each member’s app is set
settings-usual-buttons = everyone
settings-buttons-everyone = everyone
settings-buttons-requester = only the one who asked, and admins
settings-language-en = English
settings-language-zh = 中文
settings-name-language = Language
settings-name-model = Model
settings-name-size = Size
settings-name-steps = Steps
settings-name-negative = Negative prompt
settings-name-style = House style
settings-name-buttons = Buttons
settings-name-pictures = Pictures that are not safe for work
settings-name-pictures-from = Not safe for work from
settings-name-pictures-adult = The same in age-restricted channels
settings-pictures-allow = are shown
settings-pictures-spoiler = come behind a spoiler
settings-pictures-blur = are blurred
settings-pictures-hold = wait for an admin
settings-pictures-drop = are not shown, and cost nothing
settings-unknown = There is no setting “{ $asked }”. There are: { $known }.
settings-unknown-near = There is no setting “{ $asked }”. Did you mean { $near }?
settings-of-chats = “{ $name }” is for whole chats: its admins set it there.
settings-which-chat = Which chat? Name it: chatelier admin settings --chat telegram:-1001234567890 steps 30
settings-admins-only = Only the admins of this chat can change that. For yourself, write /settings my …
settings-bad-language = “{ $asked }” is no language of mine. Choose en, zh or auto.
settings-bad-buttons = “{ $asked }” is nobody. Choose requester or everyone.
settings-bad-pictures = “{ $asked }” is nothing I could do with a picture. Choose allow, spoiler, blur, hold or drop.
settings-bad-pictures-adult = “{ $asked }” is nothing I could do with a picture. Choose allow, spoiler, blur, hold or drop.
settings-bad-value = “{ $asked }” is not understood. Write it like { $example }.
settings-too-long = That has { $length } characters; at most { $most } fit.
settings-style-empty = A style needs words of its own, such as: oil painting of {"{"}prompt{"}"}, soft light

# Menus: at most 100 characters
about-settings-language = Which language I answer in: en, zh or auto
about-settings-model = Which model draws what names none
about-settings-size = How large pictures are, such as 768x512 or 3:2
about-settings-steps = How many steps are drawn
about-settings-negative = What should not appear, unless a request says otherwise; “none” for nothing
about-settings-style = Words for every prompt; {"{"}prompt{"}"} is where the member’s words stand; --raw leaves it out
about-settings-buttons = Who presses the buttons of a picture: everyone, at their own cost, or requester (and admins)
about-settings-pictures = What becomes of pictures that look unsafe for work: allow, spoiler, blur, hold or drop
about-settings-pictures-from = From which probability on a picture counts as not safe for work, such as 0.6
about-settings-pictures-adult = The same in channels that Discord shows to adults only
