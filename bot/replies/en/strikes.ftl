# Requests that wait for an admin to read them, and what becomes of those who ask for what is refused.
prompt-held = ⏸ An admin looks at this request first. Nothing is lost: if it is not drawn, the credits come back.
prompt-held-shown = { $who } ({ $account }) in { $chat } asks for this. The filter found { $category } in it.
    
    { $prompt }{ $negative }
prompt-held-negative = {"\u000A"}Negative prompt: { $words }
prompt-held-over = That is settled already.
prompt-held-released = Released. It is in line now.
prompt-held-deleted = Refused. The credits are back.
prompt-held-refused = An admin has looked at this request, and it is not drawn here. Your credits are back.
prompt-held-expired = No admin has looked at this request in time, so it is not drawn. Your credits are back.
button-prompt-show = 👁 Show
button-prompt-release = ✅ Release
button-prompt-delete = 🗑 Refuse
category-source = changing somebody in a picture
category-picture = a picture that was not safe for work

strike-counted = Such requests are counted: { $left ->
    [one] one more
   *[other] { $left } more
} within { $days ->
    [one] a day
   *[other] { $days } days
}, and you cannot draw here for a while.
strike-picture = A picture that was drawn for you was not safe for work, and is not shown.
strike-timeout = { $where ->
    [here] Such requests were too many, so you cannot draw here
   *[everywhere] You cannot draw anywhere
} for { DURATION($wait) }.
strike-banned = { $where ->
    [here] Such requests were too many, so you cannot draw here any more.
   *[everywhere] You cannot draw anywhere any more.
} If you think that is wrong, ask an admin.
ban-by-moderation = too many requests that are not drawn here

strikes-none = Nothing was counted against anybody { $where }.
strikes-title = What was counted against members { $where }, newest first:
strikes-line = • { $at }, { $who }{ $chat }: { $category }{ $words }
strikes-words = {" "}“{ $words }”
log-act-strike = strike against
log-act-prompt-held = request of
log-state-held = held
log-state-released = released
log-state-refused = refused
log-moderation = moderation, by itself
